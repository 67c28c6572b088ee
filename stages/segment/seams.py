"""Separating seams: between neighbouring seeds the path that crosses least ink.

N. Arvanitopoulos and S. Suesstrunk, "Seam carving for text line extraction on color and grayscale
historical manuscripts", ICFHR 2014; here all seams are found in one dynamic programme, each in the
space between its two seeds stretched to LEVELS rows.
"""

import numpy as np
from numpy.typing import NDArray

from stages.segment.level import Plane, Rows

LEVELS = 48
# The part of the way from the upper to the lower seed in which a seam stays: off letters' middles.
SPAN = (0.28, 0.9)
LEVEL = np.linspace(*SPAN, LEVELS)
STEEPEST = 4
STEP_COST = 0.02
MIDDLE = 0.55
MIDDLE_COST = 0.045
LENGTH_COST = 0.002


def _costs(ink: Plane, rows: Rows) -> NDArray[np.float32]:
    """Ink at (n, w, LEVELS) rows by linear interpolation, and what leaving the middle costs."""
    height, width = ink.shape
    inside = np.clip(rows, 0, height - 1.001)
    upper = inside.astype(np.int64)
    part = (inside - upper).astype(np.float32)
    columns = np.arange(width)[None, :, None]
    lower = np.minimum(upper + 1, height - 1)
    prior = MIDDLE_COST * (2 * np.abs(LEVEL - MIDDLE)) ** 2 + LENGTH_COST
    costs = ink[upper, columns] * (1 - part) + ink[lower, columns] * part
    return np.asarray(costs + prior.astype(np.float32), np.float32)


def find_seams(ink: Plane, seeds: Rows) -> Rows:
    """The seams between neighbouring seeds.

    Args:
        ink: (h, w) in [0, 1].
        seeds: (n, w) rows, top to bottom.

    Returns:
        (n - 1, w) rows (none for less than two seeds), each between its two seeds.
    """
    count, width = max(0, len(seeds) - 1), ink.shape[1]
    if count == 0:
        return np.zeros((0, width))
    rows = seeds[:-1, :, None] + (seeds[1:] - seeds[:-1])[:, :, None] * LEVEL
    costs = _costs(ink, rows)
    moves = np.arange(-STEEPEST, STEEPEST + 1)
    move_costs = (STEP_COST * np.abs(moves)).astype(np.float32)
    came_from = np.zeros((count, width, LEVELS), np.int8)
    padded = np.full((count, LEVELS + 2 * STEEPEST), np.inf, np.float32)
    reachable = np.lib.stride_tricks.sliding_window_view(padded, len(moves), axis=1)
    total = costs[:, 0]
    for column in range(1, width):
        padded[:, STEEPEST:-STEEPEST] = total
        choices = reachable + move_costs
        best = choices.argmin(axis=2)
        came_from[:, column] = best - STEEPEST
        total = np.take_along_axis(choices, best[..., None], 2)[..., 0] + costs[:, column]
    path = np.zeros((count, width), np.int64)
    path[:, -1] = total.argmin(axis=1)
    number = np.arange(count)
    for column in range(width - 1, 0, -1):
        path[:, column - 1] = path[:, column] + came_from[number, column, path[:, column]]
    seams: Rows = np.take_along_axis(rows, path[:, :, None], 2)[:, :, 0]
    return seams
