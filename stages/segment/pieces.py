"""Strokes cut into short pieces, and what holds neighbouring pieces together.

Where strokes meet, one goes on straight: the good continuation of M. Wertheimer, "Untersuchungen
zur Lehre von der Gestalt II", Psychologische Forschung 4 (1923).
"""

from collections import defaultdict
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.ink import Mask
from stages.segment.skeleton import AROUND, branchings, thin

# What it costs to cut a stroke, and to part one from two others that it ends at.
STROKE, MEETING = 0.3, 0.1
# Degrees that a stroke may turn where it meets another.
TURN = 60.0
# In stroke widths: how far from a meeting the direction of a stroke is taken.
ARM = 2.0
SAME_ENTRY = 2

Labels = NDArray[np.int32]
Arm = tuple[int, float]
Link = tuple[int, int, float]


@dataclass(frozen=True)
class Pieces:
    """Pieces of strokes, numbered from 1.

    Attributes:
        labels: (H, W), 0 where there is none: paper, the sides of strokes, meetings.
        count: how many there are.
        links: pairs of pieces that hang together, and what parting them costs.
    """

    labels: Labels
    count: int
    links: list[Link]


def cut_strokes(ink: Mask, level: Labels) -> Pieces:
    """The strokes of ink (H, W), cut wherever `level` (H, W) changes and where strokes meet.

    Levels of neighbouring pixels differ by one at most.
    """
    strokes = thin(ink)
    depth = np.asarray(cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3))
    width = 2 * float(np.median(depth[strokes])) if strokes.any() else 1.0
    size = 2 * int(np.ceil(width / 2)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    wide = np.asarray(cv2.dilate(branchings(strokes).astype(np.uint8), disc)) > 0
    meetings = wide & strokes
    arms = strokes & ~meetings
    labels, count = _label(arms, level)
    links = [(one, other, STROKE) for one, other in sorted(_adjacent(labels))]
    for met in _arms(arms, meetings, labels, ARM * width):
        links.extend(_meet(met))
    return Pieces(labels, count, links)


def _label(strokes: Mask, level: Labels) -> tuple[Labels, int]:
    labels = np.zeros(strokes.shape, np.int32)
    count = 0
    odd = strokes.copy()
    odd[strokes] = level[strokes] % 2 == 1
    for mask in (strokes & ~odd, odd):
        found, here = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
        labels[mask] = here[mask] + count
        count += found - 1
    return labels, count


def _adjacent(labels: Labels) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    y, x = np.nonzero(labels)
    one, around = labels[y, x], np.pad(labels, 1)
    for down, right in AROUND[2:6]:
        other = around[y + 1 + down, x + 1 + right]
        both = (other > 0) & (one != other)
        pairs |= set(zip(one[both].tolist(), other[both].tolist(), strict=True))
    return pairs


def _arms(strokes: Mask, meetings: Mask, labels: Labels, reach: float) -> list[list[Arm]]:
    """For every meeting the pieces that end there, with the direction in which each leaves."""
    _, meeting, _, middles = cv2.connectedComponentsWithStats(
        meetings.astype(np.uint8), connectivity=8
    )
    near = cv2.dilate(meeting.astype(np.float32), np.ones((3, 3), np.uint8))
    _, stroke = cv2.connectedComponents(strokes.astype(np.uint8), connectivity=8)
    y, x = np.nonzero(strokes)
    order = np.argsort(stroke[y, x], kind="stable")
    y, x = y[order], x[order]
    first = np.searchsorted(stroke[y, x], np.arange(stroke.max() + 2))
    arms: dict[int, list[Arm]] = defaultdict(list)
    entries: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for row, column in np.argwhere(strokes & (np.asarray(near) > 0)).tolist():
        here, number = int(near[row, column]), int(stroke[row, column])
        known = entries[here, number]
        if any(max(abs(row - r), abs(column - c)) <= SAME_ENTRY for r, c in known):
            continue
        known.append((row, column))
        own = slice(first[number], first[number + 1])
        close = np.hypot(y[own] - row, x[own] - column) <= reach
        down, right = (
            y[own][close].mean() - middles[here][1],
            x[own][close].mean() - middles[here][0],
        )
        arms[here].append((int(labels[row, column]), float(np.degrees(np.arctan2(down, right)))))
    return list(arms.values())


def _meet(arms: list[Arm]) -> list[Link]:
    """Links between all that meet at one place: firm ones where a stroke goes on straight."""
    turns = sorted(
        (abs((one - other) % 360 - 180), first, second)
        for first, (_, one) in enumerate(arms)
        for second, (_, other) in enumerate(arms[:first])
    )
    parting = MEETING / max(1, len(arms) - 2)
    links, taken = [], set[int]()
    for turn, first, second in turns:
        straight = len(arms) == 2 or (turn < TURN and not taken & {first, second})
        if straight:
            taken |= {first, second}
        links.append((arms[first][0], arms[second][0], STROKE if straight else parting))
    return links
