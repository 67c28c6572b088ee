"""A line's shape: outline, baseline, slope, height, and what looks wrong about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stages.ink import Components
from stages.pages.records import LineFlag, Point
from stages.segment.level import Rows
from stages.segment.segmentation import Segmentation

# Outlines and baselines have one point in so many letter heights.
STEP = 1.0
TOO_TALL, TOO_SHORT = 1.8, 0.45


@dataclass(frozen=True)
class Shape:
    """A line in pixels of its region.

    Attributes:
        polygon: round the line's ink, clockwise from its upper left.
        baseline: under the letters' feet, from left to right.
        slope: of the baseline, down per right.
        height: mean distance of the outline's upper from its lower edge.
        left, right: columns that the ink reaches, half open.
        ink: how many pixels are ink.
    """

    polygon: list[Point]
    baseline: list[Point]
    slope: float
    height: float
    left: int
    right: int
    ink: int


def baseline_offset(depth: Rows, height: float) -> float:
    """How far under a line's middle its letters stand: where the ink falls off fastest.

    Args:
        depth: rows of the line's ink under the line's middle.
        height: of the letters, pixels.
    """
    reach = max(2, round(height))
    counts = np.bincount(np.clip(np.round(depth), -1, reach + 1).astype(np.int64) + 1)
    counts = np.pad(counts, (0, reach + 3 - len(counts)))[1:].astype(np.float64)
    kernel = np.ones(max(1, round(height / 6)))
    fall = -np.diff(np.convolve(counts[:-1], kernel / len(kernel), "same"))
    return float(fall.argmax()) + 0.5


def shape_of(found: Segmentation, number: int) -> Shape | None:
    """The shape of line `number` (from 1); None where it has no ink."""
    top, bottom = found.rows[number - 1]
    own = found.ink[top:bottom] & (found.territory[top:bottom] == number)
    y, x = np.nonzero(own)
    if not len(x):
        return None
    y = y + top
    left, right = int(x.min()), int(x.max()) + 1
    step = max(4.0, STEP * found.height)
    count = max(1, round((right - left) / step))
    edges = np.linspace(left, right, count + 1)
    piece = np.minimum(((x - left) * count) // (right - left), count - 1)
    upper, lower = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(upper, piece, y)
    np.maximum.at(lower, piece, y + 1)
    known = np.flatnonzero(np.isfinite(upper))
    upper, lower = (np.interp(np.arange(count), known, side[known]) for side in (upper, lower))
    centre = found.centres[number - 1]
    offset = baseline_offset(y - centre[x], found.height)
    marks = np.clip(edges, 0, len(centre) - 1).astype(np.int64)
    slope = np.polyfit(edges, centre[marks], 1)[0] if right - left > step else 0.0
    return Shape(
        polygon=_outline(edges, upper, lower),
        baseline=_points(edges, centre[marks] + offset),
        slope=round(float(slope), 4),
        height=round(float((lower - upper).mean()), 1),
        left=left,
        right=right,
        ink=len(x),
    )


def _points(x: Rows, y: Rows) -> list[Point]:
    return [(round(a), round(b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]


def _outline(edges: Rows, upper: Rows, lower: Rows) -> list[Point]:
    """The corners of a row of rectangles side by side, those on a straight edge left out."""
    x = np.repeat(edges, 2)[1:-1]
    around = _points(x, np.repeat(upper, 2)) + _points(x, np.repeat(lower, 2))[::-1]
    return [
        point
        for before, point, after in zip(
            around[-1:] + around[:-1], around, around[1:] + around[:1], strict=True
        )
        if not before[1] == point[1] == after[1]
    ]


def flags_of(shapes: Sequence[Shape], touching: Sequence[bool]) -> list[list[LineFlag]]:
    """For each line what looks wrong: taller or lower than its page's lines, or stuck to another.

    Args:
        touching: whether a line shares a connected component with another one.
    """
    typical = float(np.median([shape.height for shape in shapes])) if shapes else 0.0
    flags: list[list[LineFlag]] = []
    for shape, touches in zip(shapes, touching, strict=True):
        own: list[LineFlag] = []
        if shape.height > TOO_TALL * typical:
            own.append("too_tall")
        if shape.height < TOO_SHORT * typical:
            own.append("too_short")
        if touches:
            own.append("touching")
        flags.append(own)
    return flags


def touching_lines(found: Segmentation, components: Components) -> list[bool]:
    """For each line whether one of its components belongs to another line too."""
    label, line = components.labels[found.ink], found.territory[found.ink]
    inside = (label > 0) & (line > 0)
    pairs = np.unique(
        label[inside].astype(np.int64) * (found.count + 1) + line[inside].astype(np.int64)
    )
    component, number = np.divmod(pairs, found.count + 1)
    shared = np.bincount(component)[component] > 1
    touching = set(number[shared].tolist())
    return [line in touching for line in range(1, found.count + 1)]
