"""Noise like a recogniser's: texts misread at a chosen rate, with the evidence that it leaves.

Every reading of a character, right or wrong, is one that the recogniser really gave of that
character somewhere in rendered lines: with its probability and its alternatives there. Only how
often wrong ones are drawn is chosen, and that errors stand by themselves, where real ones come in
clusters. No n-best comes with it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from rapidfuzz.distance import Levenshtein

from stages.correct.corrector import TextLine
from stages.pages.records import Alternative, Hypothesis, Token

T = TypeVar("T")


@dataclass
class Readings:
    """What became of characters: `right` and `wrong` tokens by what was written.

    `missed` has, by the character that was not read, its log odds before the one read in its
    place, None where it was not among the alternatives; `surplus` are tokens read where nothing
    was written, each with the character that followed.
    """

    right: dict[str, list[Token]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, list[Token]] = field(default_factory=lambda: defaultdict(list))
    missed: dict[str, list[float | None]] = field(default_factory=lambda: defaultdict(list))
    surplus: list[tuple[Token, str]] = field(default_factory=list)


def observe(lines: Iterable[tuple[str, TextLine]]) -> Readings:
    """The readings in lines as written and as read, one token a character."""
    found = Readings()
    for written, line in lines:
        tokens = list(line.hypotheses[0].tokens)
        tokens += [_certain("")] if tokens[-1].text else []  # a line cut short has no end
        read = "".join(token.text for token in tokens)
        for block in Levenshtein.opcodes(written, read):
            characters = written[block.src_start : block.src_end]
            facing = tokens[block.dest_start : block.dest_end]
            after = tokens[block.dest_end]
            if block.tag == "insert":
                found.surplus += [(token, after.text) for token in facing]
            elif block.tag == "delete":
                for character in characters:
                    found.missed[character].append(_odds(after, character))
            else:
                kind = found.right if block.tag == "equal" else found.wrong
                for character, token in zip(characters, facing, strict=True):
                    kind[character].append(token)
    return found


def misread(text: str, readings: Readings, rate: float, rng: np.random.Generator) -> TextLine:
    """`text` with about `rate` errors a character, of the kinds and shares observed."""
    wrong = sum(map(len, readings.wrong.values()))
    missed = sum(map(len, readings.missed.values()))
    errors = wrong + missed + len(readings.surplus)
    tokens: list[Token] = []
    lost: list[Alternative] = []
    for character in text:
        kind = rng.random() / rate * errors
        if kind < wrong and character in readings.wrong:
            token = _one(readings.wrong[character], rng)
        elif wrong <= kind < wrong + missed and character in readings.missed:
            odds = _one(readings.missed[character], rng)
            lost += [] if odds is None else [Alternative(text=character, logprob=min(0.0, odds))]
            continue
        else:
            token = _one(readings.right.get(character) or [_certain(character)], rng)
            if wrong + missed <= kind < errors:
                tokens.append(_before(character, *_one(readings.surplus, rng)))
        tokens.append(_with(token, lost))
        lost = []
    tokens.append(_with(_certain(""), lost))
    read = "".join(token.text for token in tokens)
    score = sum(token.logprob for token in tokens) / len(tokens)
    return TextLine(read, [Hypothesis(text=read, score=score, tokens=tokens)])


def _one(pool: list[T], rng: np.random.Generator) -> T:
    return pool[int(rng.integers(len(pool)))]


def _odds(token: Token, text: str) -> float | None:
    found = (other for other in token.alternatives if other.text == text)
    return next((other.logprob - token.logprob for other in found), None)


def _certain(text: str) -> Token:
    return Token(text=text, logprob=math.log(0.999))


def _with(token: Token, lost: list[Alternative]) -> Token:
    """The token with what was missed before it among its alternatives."""
    more = [
        Alternative(text=other.text, logprob=min(0.0, token.logprob + other.logprob))
        for other in lost
    ]
    return token.model_copy(update={"alternatives": [*token.alternatives, *more]})


def _before(character: str, token: Token, followed: str) -> Token:
    """A surplus token before another character than the one it was observed before."""
    moved = [
        Alternative(text=character if other.text == followed else other.text, logprob=other.logprob)
        for other in token.alternatives
    ]
    return token.model_copy(update={"alternatives": moved})
