"""What a token could be instead: by the recogniser's alternatives, its n-best, the dictionary."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from stages.correct.channel.language import LanguageModel
from stages.correct.channel.surface import like, plain, split_marks
from stages.correct.evidence import END, Evidence
from stages.pages.records import Hypothesis

LEAST_ODDS = -6.2
LEAST_ODDS_OF_WORDS = -16.0
SURE = -0.3
VARIANTS_LOOKED_UP = 12
NEAREST = 15
INITIAL = re.compile(r"\W*[A-Z]\.\W*")


@dataclass(frozen=True)
class Token:
    """Characters [start, end) of a line, with what other hypotheses have in their place."""

    start: int
    end: int
    elsewhere: tuple[str, ...] = ()


def tokens(text: str, hypotheses: Sequence[Hypothesis]) -> list[Token]:
    """The tokens of a line between its spaces, faced with those of the other hypotheses."""
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    words = [text[start:end] for start, end in spans]
    facing: list[dict[str, None]] = [{} for _ in spans]
    for hypothesis in hypotheses[1:]:
        other = hypothesis.text.split()
        for block in Levenshtein.opcodes(words, other):
            if block.tag == "replace":
                for k in range(block.src_end - block.src_start):
                    facing[block.src_start + k][other[block.dest_start + k]] = None
    return [Token(*span, tuple(found)) for span, found in zip(spans, facing, strict=True)]


def candidates(evidence: Evidence, token: Token, language: LanguageModel) -> dict[str, float]:
    """What the token could be, with log odds against the token as it stands; itself at 0.

    What the recogniser did not doubt, numbers and initials stay as they are, and nothing becomes
    a number.
    """
    text = evidence.text[token.start : token.end]
    found = {text: 0.0}
    doubted = bool(token.elsewhere) or evidence.doubted(token.start, token.end)
    if not doubted or INITIAL.fullmatch(text) or any(map(str.isdigit, text)):
        return found

    def add(other: str, odds: float, least: float) -> None:
        if odds > least and odds > found.get(other, -float("inf")) and _fits(other):
            found[other] = odds

    for other, odds in _variants(evidence, token):
        add(other.strip(), odds, LEAST_ODDS)
    for other in token.elsewhere:
        add(other, evidence.odds(token.start, token.end, other), LEAST_ODDS_OF_WORDS)
    word = plain(split_marks(text)[1])
    unsure = evidence.least_logprob(token.start, token.end) < SURE
    if word and (unsure or word not in language):
        for other in list(_dictionary_words(found, language)):
            if other not in found:
                add(other, evidence.odds(token.start, token.end, other), LEAST_ODDS_OF_WORDS)
    return found


def _fits(other: str) -> bool:
    """Whether it is no number, and all words where it is several."""
    parts = other.split()
    words = len(parts) == 1 or all(any(map(str.isalpha, part)) for part in parts)
    return bool(parts) and words and not any(map(str.isdigit, other))


def _variants(evidence: Evidence, token: Token) -> Iterator[tuple[str, float]]:
    """One alternative of one place taken: in place of what was read there, or before it."""
    text = evidence.text[token.start : token.end]
    for at in range(token.start, token.end + 1):
        place, offset = evidence.places[at], at - token.start
        head, tail = text[:offset], text[offset + place.width :]
        for other, odds in place.others.items():
            if at < token.end and other == evidence.following(at):
                yield head + tail, odds
            if other == END or (other.isspace() and not 0 < offset < len(text)):
                continue
            if at < token.end:
                yield head + other + tail, odds
            if place.width == len(other) == 1:
                yield head + other + text[offset:], odds


def _dictionary_words(found: dict[str, float], language: LanguageModel) -> Iterator[str]:
    """Known words near the token and near its most probable variants."""
    for variant in sorted(found, key=lambda v: -found[v])[:VARIANTS_LOOKED_UP]:
        before, core, after = split_marks(variant)
        word = plain(core)
        if len(word) > 1 and word.isalpha():
            for known in language.near(word)[:NEAREST]:
                yield before + like(core, known) + after
