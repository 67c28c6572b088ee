"""A written word as the language model sees it, and the ways in which it can be understood."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from stages.correct.channel.language import REMEMBERED, LanguageModel
from stages.correct.channel.slips import slips

CORE = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
NUMBER_LOGPROB = -8.0
MARKS_LOGPROB = -3.4
POSSESSIVE_LOGPROB = -3.0
COMPOUND_LOGPROB = -12.0
STRANGE_LOGPROB = -22.0
STRANGE_MIXED_LOGPROB = -16.0
MEANINGS = 4


@dataclass(frozen=True)
class Sense:
    """One way to understand a surface.

    `words` are what the language model is asked about, None where it has nothing to say, and
    `logprob` is what it costs besides: to misspell the words, or to write what is no word.
    `known` says that nothing in it is a non-word.
    """

    words: tuple[str | None, ...]
    logprob: float
    known: bool


def split_marks(token: str) -> tuple[str, str, str]:
    """What stands before, in and after the letters and digits of a token."""
    found = CORE.match(token)
    assert found is not None
    return found.group(1), found.group(2), found.group(3)


def plain(core: str) -> str:
    """A token's core as dictionaries have it."""
    return core.lower().replace("’", "'")


def like(written: str, word: str) -> str:
    """`word` with the capitals of `written`."""
    if len(written) > 1 and written.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if written[:1].isupper() else word


class Senses:
    """The senses of surfaces, the latest `REMEMBERED` kept.

    Args:
        language: what is known of English.
        misspelling: log-probability of an edit that learners make; `odd` of any other.
    """

    def __init__(self, language: LanguageModel, misspelling: float, odd: float) -> None:
        self._language = language
        self._misspelling, self._odd = misspelling, odd
        self.of = lru_cache(maxsize=REMEMBERED)(self._of)

    def _of(self, surface: str) -> list[Sense]:
        """The senses of one token, or of several between single spaces; at least one."""
        parts = [self._of_token(token) for token in surface.split(" ")]
        return parts[0] if len(parts) == 1 else [_joined(choice) for choice in product(*parts)]

    def _of_token(self, token: str) -> list[Sense]:
        word = plain(split_marks(token)[1])
        if not word:
            return [Sense((None,), MARKS_LOGPROB, True)]
        if any(character.isdigit() for character in word):
            mixed = any(character.isalpha() for character in word)
            return [Sense((None,), STRANGE_MIXED_LOGPROB if mixed else NUMBER_LOGPROB, not mixed)]
        if word in self._language:
            return [Sense((word,), 0.0, True)]
        if word.endswith("'s") and word[:-2] in self._language:
            return [Sense((word[:-2],), POSSESSIVE_LOGPROB, True)]
        pieces = [piece for piece in word.split("-") if piece]
        if len(pieces) > 1 and all(piece in self._language for piece in pieces):
            return [Sense((pieces[-1],), COMPOUND_LOGPROB, True)]
        return self._of_non_word(word)

    def _of_non_word(self, written: str) -> list[Sense]:
        found: list[tuple[float, float, str | None]] = [(STRANGE_LOGPROB, STRANGE_LOGPROB, None)]
        if written.isalpha():
            for word in self._language.near(written):
                learners, others = slips(word, written)
                logprob = learners * self._misspelling + others * self._odd
                found.append((logprob + self._language.logprob(word), logprob, word))
        found.sort(key=lambda sense: -sense[0])
        return [Sense((word,), logprob, False) for _, logprob, word in found[:MEANINGS]]

    def alone(self, sense: Sense) -> float:
        """The log-probability of a sense without any context."""
        known = (self._language.logprob(word) for word in sense.words if word)
        return sense.logprob + sum(known)


def _joined(parts: tuple[Sense, ...]) -> Sense:
    return Sense(
        words=tuple(word for part in parts for word in part.words),
        logprob=sum(part.logprob for part in parts),
        known=all(part.known for part in parts),
    )
