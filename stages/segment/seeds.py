"""Seeds: for every written line one curve through the middle of its letters.

Steered smoothing finds where lines run, after G. Louloudis et al., "Text line detection in
handwritten documents", Pattern Recognition 41 (2008), and the ridge filters of Y. Li et al.,
"Script-independent text line segmentation in freestyle handwritten documents", IEEE PAMI 30
(2008); the parts of a line are then linked at their ends. All lengths are in frame pixels, and
all reaches in line distances (`pitch`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stages.segment.level import Plane, Rows

BLUR_DOWN = 0.20
NEIGHBOURHOOD = (2, 3)
FLOOR = 0.2
FLOOR_QUANTILE = 0.75
REACH = 0.42
DISTANCE_COST = 0.02
OVERLAP = 0.5
LEAST_MASS = 0.02
INSERTION_WIDTH = 0.35
INSERTION_MASS = 0.25
INSERTION_GAP = 1.55


@dataclass(frozen=True)
class Chain:
    """Part of a line: columns, rising, with the row of each, and how strongly it shows."""

    columns: Rows
    rows: Rows
    mass: float

    @property
    def left(self) -> float:
        return float(self.columns[0])

    @property
    def right(self) -> float:
        return float(self.columns[-1])


def ridges(density: Plane, pitch: float, along: float) -> Plane:
    """How much each point lies on a line: minus the second derivative down the rows of the
    density blurred over `along` columns."""
    blurred = cv2.GaussianBlur(density, (0, 0), sigmaX=along, sigmaY=BLUR_DOWN * pitch)
    ridge = np.zeros_like(blurred)
    ridge[1:-1] = 2 * blurred[1:-1] - blurred[:-2] - blurred[2:]
    return np.maximum(ridge, 0)


def find_chains(ridge: Plane, pitch: float, threshold: float) -> list[Chain]:
    """The connected parts of a ridge map that pass `threshold` times their neighbourhood's peak."""
    rows, columns = (int(side * pitch) | 1 for side in NEIGHBOURHOOD)
    peak = cv2.dilate(ridge, np.ones((rows, columns), np.uint8))
    floor = FLOOR * float(np.quantile(peak, FLOOR_QUANTILE))
    passing = (ridge > np.maximum(threshold * peak, floor)).astype(np.uint8)
    count, labels = cv2.connectedComponents(passing, connectivity=8)
    y, x = np.nonzero(passing)
    weight = ridge[y, x].astype(np.float64)
    width = ridge.shape[1]
    key = labels[y, x].astype(np.int64) * width + x
    total = np.bincount(key, weight, count * width).reshape(count, width)
    moment = np.bincount(key, weight * y, count * width).reshape(count, width)
    chains = []
    for part in range(1, count):
        inside = np.flatnonzero(total[part])
        centre = moment[part, inside] / total[part, inside]
        chains.append(Chain(inside.astype(np.float64), centre, float(total[part].sum())))
    return chains


def _joined(first: Chain, second: Chain) -> Chain:
    new = second.columns > first.right
    return Chain(
        np.concatenate([first.columns, second.columns[new]]),
        np.concatenate([first.rows, second.rows[new]]),
        first.mass + second.mass,
    )


def link(chains: Sequence[Chain], pitch: float) -> list[Chain]:
    """Chains joined end to beginning, the best fit first, as long as any two fit."""
    span = max(1, round(pitch))
    linked = sorted(chains, key=lambda chain: -chain.mass)
    while len(linked) > 1:
        left, right = (np.array([getattr(c, end) for c in linked]) for end in ("left", "right"))
        begin = np.array([c.rows[:span].mean() for c in linked])
        end = np.array([c.rows[-span:].mean() for c in linked])
        gap = left[None, :] - right[:, None]
        cost = np.abs(end[:, None] - begin[None, :]) + DISTANCE_COST * np.maximum(gap, 0)
        cost[gap < -OVERLAP * pitch] = np.inf
        np.fill_diagonal(cost, np.inf)
        first, second = np.unravel_index(cost.argmin(), cost.shape)
        if cost[first, second] >= REACH * pitch:
            break
        joined = _joined(linked[first], linked[second])
        linked = [c for k, c in enumerate(linked) if k not in (first, second)] + [joined]
    return linked


def without_fragments(chains: Sequence[Chain]) -> list[Chain]:
    """Chains of at least a fiftieth of the median mass."""
    typical = float(np.median([chain.mass for chain in chains])) if chains else 0.0
    return [chain for chain in chains if chain.mass >= LEAST_MASS * typical]


def without_insertions(chains: Sequence[Chain], pitch: float, width: int) -> list[Chain]:
    """Chains that are lines: not short ones between two neighbours at a line's distance."""
    return [chain for chain in chains if not _is_insertion(chain, chains, pitch, width)]


def _is_insertion(chain: Chain, chains: Sequence[Chain], pitch: float, width: int) -> bool:
    if chain.right - chain.left >= INSERTION_WIDTH * width:
        return False
    middle, row = (chain.left + chain.right) / 2, float(chain.rows.mean())
    rows = [
        float(np.interp(middle, other.columns, other.rows))
        for other in chains
        if other.left < middle < other.right and chain.mass < INSERTION_MASS * other.mass
    ]
    above = [other for other in rows if other < row]
    below = [other for other in rows if other > row]
    return bool(above and below and min(below) - max(above) < INSERTION_GAP * pitch)


def extend(chains: Sequence[Chain], width: int) -> Rows:
    """The chains over all columns, sorted top to bottom: where one has ended, it runs parallel to
    its neighbours.

    Returns:
        (n, width) rows; each curve lies at least two pixels below the one before.
    """
    curves = np.full((len(chains), width), np.nan)
    for curve, chain in zip(curves, chains, strict=True):
        inside = np.arange(round(chain.left), round(chain.right) + 1)
        curve[inside] = np.interp(inside, chain.columns, chain.rows)
    centres = np.nanmean(curves, axis=1) if len(chains) else np.zeros(0)
    order = np.argsort(centres, kind="stable")
    curves, centres = curves[order], centres[order]
    steps = np.zeros_like(curves)
    steps[:, 1:] = np.diff(curves, axis=1)
    known = np.isfinite(steps)
    steps[~known] = 0
    unit = float(np.median(np.diff(centres))) if len(chains) > 1 else 1.0
    for curve, centre in zip(curves, centres, strict=True):
        inside = np.flatnonzero(np.isfinite(curve))
        nearness = np.exp(-np.abs(centres - centre) / max(unit, 1.0))[:, None]
        step = (nearness * steps).sum(axis=0) / np.maximum((nearness * known).sum(axis=0), 1e-9)
        first, last = inside[0], inside[-1]
        curve[last + 1 :] = curve[last] + np.cumsum(step[last + 1 :])
        curve[:first] = curve[first] - np.cumsum(step[1 : first + 1][::-1])[::-1]
    for number in range(1, len(curves)):
        curves[number] = np.maximum(curves[number], curves[number - 1] + 2)
    return curves
