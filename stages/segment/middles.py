"""Where the middle of a line's letters runs, by the line's own ink alone.

Seeds move a little with the threshold that found them, while the strokes that they gather seldom
change: measured on these, equal lines give equal crops whatever the threshold, and a crop is read
once.
"""

import numpy as np
from numpy.typing import NDArray

from stages.segment.level import Frame, Rows
from stages.segment.seeds import ridges
from stages.segment.segmentation import Segmentation

Numbers = NDArray[np.int64]

# Columns of the frame that are counted as one: along a line the middle changes slowly.
STEP = 4
# Of a column's highest ridge, and of the line's: what is lower has no part in the middle.
NEAR_PEAK = 0.5
FAINT = 1e-3


def find_middles(found: Segmentation, frame: Frame, pitch: float, along: float) -> Rows:
    """(n, W): rows of the region along the middle of the letters of each of the n lines found.

    Args:
        found: in the region; every line has ink.
        pitch: the lines' distance, along: how far middles are smoothed along the lines, both in
            pixels of the frame.
    """
    lines = np.where(found.ink, found.territory, 0)
    begins = lines > 0
    begins[:, 1:] &= lines[:, 1:] != lines[:, :-1]
    y, x = np.nonzero(begins)
    u, v = frame.to_frame(x.astype(np.float64), y.astype(np.float64))
    column, row = (u / STEP).astype(np.int64), np.round(v).astype(np.int64)
    line = lines[begins]
    width = frame.shape[1]
    middles = np.empty((found.count, width))
    for number, middle in enumerate(middles, 1):
        own = line == number
        top = int(row[own].min()) - round(pitch)
        place = (row[own] - top, column[own])
        columns, rows = _middle(place, -(-width // STEP), pitch, along / STEP)
        middle[:] = np.interp(np.arange(width), STEP * columns + (STEP - 1) / 2, top + rows)
    return frame.to_region(middles)


def _middle(
    place: tuple[Numbers, Numbers], width: int, pitch: float, along: float
) -> tuple[Rows, Rows]:
    """Columns in which a line's ridge shows, rising, and the row of each.

    Args:
        place: rows and columns at which the line's strokes begin.
    """
    density = np.zeros((int(place[0].max()) + round(pitch) + 1, width), np.float32)
    np.add.at(density, place, 1)
    ridge = ridges(density, pitch, along)
    peak = ridge.max(axis=0)
    shown = np.flatnonzero(peak > FAINT * peak.max())
    weights = np.where(ridge >= NEAR_PEAK * peak, ridge, 0)[:, shown].astype(np.float64)
    total = weights.sum(axis=0)
    centre = (weights * np.arange(len(weights))[:, None]).sum(axis=0) / total
    return shown.astype(np.float64), centre
