"""Text that the transcriber could not read, marked `[?]`: in no score.

Nobody knows what stands there, so nobody knows whether it was read rightly. Before a transcription
and a reading are compared, each mark is taken out of the first, and of the second what stands in
its place: the run of characters, of any length or none, that leaves the fewest edits between the
rest (an edit distance in which that run is free, as the text round a pattern is in P. Sellers, "The
theory and computation of evolutionary distances: pattern recognition", 1980).
What was transcribed counts in full: a mark can only hide what was read beside it too much.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.evaluate.edits import graphemes
from stages.evaluate.normalise import normalise
from stages.pages.transcriptions import UNREADABLE


def symbols(truth: str) -> list[str]:
    """A transcription in grapheme clusters, each mark one symbol."""
    first, *others = truth.split(UNREADABLE)
    found = graphemes(first)
    for part in others:
        found += [UNREADABLE, *graphemes(part)]
    return found


def readable(truth: str, reading: str) -> tuple[str, str]:
    """Both texts, normalised, without what is unreadable; as they are where nothing is marked."""
    if UNREADABLE not in truth:
        return truth, reading
    read = graphemes(reading)
    for start, end in reversed(_hidden(symbols(truth), read)):
        del read[start:end]
    return normalise(truth.replace(UNREADABLE, "")), normalise("".join(read))


def cut_words(truth: str) -> set[int]:
    """Which words of the readable truth are what a mark left of one: indices, divided at spaces."""
    words = [word for word in truth.split() if word.replace(UNREADABLE, "")]
    return {index for index, word in enumerate(words) if UNREADABLE in word}


def filled(truth: str, reading: str) -> str:
    """`truth` with each mark replaced by what the reading has in its place."""
    if UNREADABLE not in truth:
        return truth
    read = graphemes(reading)
    first, *others = truth.split(UNREADABLE)
    spans = _hidden(symbols(truth), read)
    guesses = ["".join(read[start:end]) for start, end in spans]
    return first + "".join(guess + part for guess, part in zip(guesses, others, strict=True))


def _hidden(expected: Sequence[str], read: Sequence[str]) -> list[tuple[int, int]]:
    """The half-open span of `read` in the place of each mark, in order."""
    codes = {symbol: code for code, symbol in enumerate(dict.fromkeys([*expected, *read]))}
    found = np.array([codes[symbol] for symbol in read], np.int64)
    positions = np.arange(len(read) + 1)
    rows = [positions]
    for symbol in expected:
        before = rows[-1]
        if symbol == UNREADABLE:
            rows.append(np.minimum.accumulate(before))
            continue
        row = before + 1
        row[1:] = np.minimum(row[1:], before[:-1] + (found != codes[symbol]))
        rows.append(np.minimum.accumulate(row - positions) + positions)
    return _trace(rows, expected, [int(code) for code in found], codes)


def _trace(
    rows: Sequence[NDArray[np.int64]],
    expected: Sequence[str],
    found: Sequence[int],
    codes: Mapping[str, int],
) -> list[tuple[int, int]]:
    spans = []
    i, j = len(expected), len(found)
    while i:
        cost, before, symbol = rows[i][j], rows[i - 1], expected[i - 1]
        if symbol == UNREADABLE:
            start = int(np.flatnonzero(before[: j + 1] == cost)[-1])
            spans.append((start, j))
            i, j = i - 1, start
        elif j and cost == before[j - 1] + (found[j - 1] != codes[symbol]):
            i, j = i - 1, j - 1
        elif cost == before[j] + 1:
            i -= 1
        else:
            j -= 1
    return spans[::-1]
