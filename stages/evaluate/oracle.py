"""How well a page could have been read, had every choice been made with the truth in view.

The oracle's error rate is a lower bound for every selector and rescorer that works on the same
candidate segmentations and n-best lists; what the reading has above it, the choice still leaves.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from stages.evaluate.edits import Errors, character_errors, graphemes
from stages.evaluate.unreadable import readable, symbols
from stages.hyphens import join_lines
from stages.pages.transcriptions import UNREADABLE

ANYTHING = -1
Codes = NDArray[np.int64]
NBest = Sequence[str]


def oracle_errors(truth: str, candidates: Iterable[Sequence[NBest]]) -> Errors:
    """Character errors of the best reading that any candidate segmentation offers.

    Args:
        truth: the transcription, its lines joined.
        candidates: for each segmentation the entries of its lines in reading order; at least one.
            With one entry a line, only the choice of the segmentation is left.
    """
    readings = [
        text
        for lines in candidates
        for text in (nearest_reading(truth, lines), join_lines([entries[0] for entries in lines]))
    ]
    errors = (character_errors(*readable(truth, text)) for text in readings)
    return min(errors, key=lambda e: e.edits)


def nearest_reading(truth: str, lines: Sequence[NBest]) -> str:
    """Of all texts with one entry from each line, joined, the nearest to `truth`.

    In grapheme clusters: the edit distance between a text and the regular language of the n-best
    lists (M. Mohri, "Edit-distance of weighted automata", 2003), whose states are the ends of
    lines. Exact but for words divided at the end of a line: they are whole in the text, and in two
    while the entries are chosen. No alignment of lines is needed, so a transcription without line
    breaks serves too. Time is proportional to len(truth) times the characters of all entries. What
    `truth` marks as
    unreadable (`stages.evaluate.unreadable`) is near to everything.
    """
    chosen = [entries[0] for entries in lines]
    if any(len(entries) > 1 for entries in lines):
        chosen = _nearest_entries(truth, lines)
    text = join_lines(chosen)
    silent = all("" in entries for entries in lines)
    return "" if silent and _edits(truth, "") < _edits(truth, text) else text


def _nearest_entries(truth: str, lines: Sequence[NBest]) -> list[str]:
    alphabet = {UNREADABLE: ANYTHING}
    target = _codes(symbols(truth), alphabet)
    coded = [[_codes(graphemes(entry), alphabet) for entry in entries] for entries in lines]
    fronts = [_skipped(target)]
    for entries in coded:
        fronts.append(np.min([_advance(fronts[-1], target, entry) for entry in entries], axis=0))
    chosen: list[str] = []
    end = len(target)
    for before, entries, texts in zip(fronts[-2::-1], coded[::-1], lines[::-1], strict=True):
        # costs[k, n]: all before this line, then entry k read from the n symbols that end at `end`
        reversed_target = target[:end][::-1]
        skipped = _skipped(reversed_target)
        backwards = [_advance(skipped, reversed_target, e[::-1]) for e in entries]
        costs = np.array(backwards) + before[end::-1]
        best, length = np.unravel_index(np.argmin(costs), costs.shape)
        chosen.append(texts[int(best)])
        end -= int(length)
    return chosen[::-1]


def _edits(truth: str, text: str) -> int:
    return character_errors(*readable(truth, text)).edits


def _codes(clusters: Sequence[str], alphabet: dict[str, int]) -> Codes:
    """A number for each cluster of a line and the space after it; nothing for an empty line."""
    ended = [*clusters, " "] if clusters else []
    return np.array([alphabet.setdefault(s, len(alphabet)) for s in ended], np.int64)


def _skipped(target: Codes) -> Codes:
    """What leaving out all of `target` up to every position costs, (n + 1,): marks are free."""
    return np.concatenate([[0], np.cumsum(target != ANYTHING)])


def _advance(before: Codes, target: Codes, entry: Codes) -> Codes:
    """Least edits up to every position of `target`, (n + 1,), once `entry` has been read too."""
    positions = _skipped(target)
    surplus = np.concatenate([[1], target != ANYTHING])
    row = before
    for symbol in entry:
        following = row + surplus
        following[1:] = np.minimum(following[1:], row[:-1] + (target != symbol))
        row = np.minimum.accumulate(following - positions) + positions
    return row
