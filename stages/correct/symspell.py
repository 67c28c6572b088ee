"""SymSpell over unknown words: Garbe's symmetric delete algorithm, symspellpy 6.

Punctuation, numbers and case stay as they are, and known words are never touched. An unknown word
becomes the most frequent of the nearest known ones; if there is none near, it may be divided in
two known words. Two neighbours of which one is unknown are joined if together they are known.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import pairwise

from symspellpy import SymSpell, Verbosity
from wordfreq import top_n_list, word_frequency

from stages.config.correct_settings import SymSpellSettings
from stages.correct.corrector import Replacement, TextLine
from stages.lexicon import DICTIONARY, ends_sentence

WORD = re.compile(r"(?<![\w'’-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w'’-])")
WORDS_OF_TWO = "am an as at be by do go he if in is it me my no of on or so to up us we"
SHORT_WORDS = frozenset(["a", "i", *WORDS_OF_TWO.split()])
MIN_PART = 3


class SymSpellCorrector:
    """Replaces an unknown word by the most frequent of the nearest known words."""

    name = "symspell"
    whole_text = False
    guarded = True

    def __init__(self, settings: SymSpellSettings) -> None:
        self._settings = settings
        self._index = SymSpell(max_dictionary_edit_distance=settings.max_edit_distance)
        if settings.frequencies == "symspell":
            self._index.load_dictionary(str(files("symspellpy") / DICTIONARY), 0, 1)
        else:
            for word in top_n_list("en", settings.known_words):
                self._index.create_dictionary_entry(word, round(word_frequency(word, "en") * 1e9))

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """A replacement for every unknown word that has a near known one.

        Words shorter than `min_length`, words in capitals and capitalised words inside a sentence
        (names) are left alone.
        """
        replacements = []
        opens_sentence = True
        for number, line in enumerate(given.text for given in lines):
            words = [
                (match, self._opens(line[: match.start()], opens_sentence))
                for match in WORD.finditer(line)
            ]
            joined = list(self._joins(line, words)) if self._settings.joins_and_splits else []
            taken = {word for pair in joined for word in pair}
            for first, second in joined:
                whole = first.group() + second.group()
                span = first.start(), second.end()
                replacements.append(Replacement(number, *span, whole, "one word in two"))
            for match, opens in words:
                after = None if match in taken else self._correct(match.group(), opens)
                if after is not None:
                    span = match.span()
                    replacements.append(Replacement(number, *span, after, "unknown word"))
            opens_sentence = self._opens(line, opens_sentence)
        return sorted(replacements, key=lambda r: (r.line, r.start))

    @staticmethod
    def _opens(before: str, otherwise: bool) -> bool:
        return ends_sentence(before) if before.strip() else otherwise

    def _known(self, word: str) -> bool:
        return word.lower().replace("’", "'") in self._index.words

    def _is_open(self, word: str, opens_sentence: bool) -> bool:
        """Whether a word may be changed at all: unknown, long enough and no name."""
        capital = opens_sentence and word[1:].islower()
        long = len(word) >= self._settings.min_length
        return long and (word.islower() or capital) and not self._known(word)

    def _joins(
        self, line: str, words: Sequence[tuple[re.Match[str], bool]]
    ) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
        last = None
        for (first, opens), (second, _) in pairwise(words):
            if first is last or line[first.end() : second.start()] != " ":
                continue
            whole = first.group() + second.group()
            known = self._known(first.group()) and self._known(second.group())
            small = whole.islower() or (opens and whole[1:].islower())
            if small and not known and self._known(whole):
                last = second
                yield first, second

    def _correct(self, word: str, opens_sentence: bool) -> str | None:
        if not self._is_open(word, opens_sentence):
            return None
        plain = word.lower().replace("’", "'")
        distance = self._settings.max_edit_distance
        found = self._index.lookup(plain, Verbosity.TOP, max_edit_distance=distance)
        term = str(found[0].term) if found else self._split(plain)
        if term is None:
            return None
        return term[0].upper() + term[1:] if word[0].isupper() else term

    def _split(self, word: str) -> str | None:
        """The word divided in two known ones, such that the rarer is as frequent as can be."""
        if not self._settings.joins_and_splits:
            return None
        words = self._index.words
        parts = [(word[:k], word[k:]) for k in range(1, len(word))]
        fit = [
            pair
            for pair in parts
            if all(p in words and (len(p) >= MIN_PART or p in SHORT_WORDS) for p in pair)
        ]
        best = max(fit, key=lambda pair: min(words[pair[0]], words[pair[1]]), default=None)
        return " ".join(best) if best else None
