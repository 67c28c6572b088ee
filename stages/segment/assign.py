"""Every pixel to a line: the bands between the seams, corrected stroke by stroke.

As in Louloudis et al. (2008), a connected component belongs to one line as a whole unless it
really reaches two: here those that a seam crosses are parted stroke by stroke.
"""

import cv2
import numpy as np

from stages.ink import Components, Mask
from stages.segment.level import Rows
from stages.segment.segmentation import LineMap
from stages.segment.strokes import Strokes
from stages.segment.touching import part

HALO = 5


def bands(seams: Rows, height: int) -> LineMap:
    """(H, W): 1 above the first seam, 2 between the first and the second..."""
    width = seams.shape[1]
    steps = np.zeros((height + 1, width), np.uint16)
    columns = np.arange(width)
    for seam in seams:
        steps[np.clip(np.ceil(seam), 0, height).astype(np.int64), columns] += 1
    return np.cumsum(steps[:-1], axis=0, dtype=np.uint16) + np.uint16(1)


def _cut_components(ink: Mask, components: Components, band: LineMap) -> Mask:
    """The ink of components that lie in more than one band."""
    labels, lines = components.labels[ink], band[ink]
    count = len(components.area) + 1
    lowest = np.full(count, np.iinfo(np.uint16).max, np.uint16)
    highest = np.zeros(count, np.uint16)
    np.minimum.at(lowest, labels, lines)
    np.maximum.at(highest, labels, lines)
    cut = highest > lowest
    cut[0] = False
    return cut[components.labels]


def assign(strokes: Strokes, seams: Rows, seeds: Rows, pitch: float) -> LineMap:
    """(H, W): the line of every pixel, from 1, ink and the paper round it stroke by stroke.

    Args:
        strokes: of the region.
        seams: (n - 1, W) rows of the region, seeds: (n, W), both top to bottom.
        pitch: the lines' distance in pixels.
    """
    ink = strokes.ink
    band = bands(seams, len(ink))
    if len(seeds) < 2:
        return band
    lines = np.where(ink, band, 0).astype(np.uint16)
    cut = _cut_components(ink, strokes.components, band)
    if cut.any():
        rows, columns = box = _box(cut)
        above, below = (curves[:, columns] - rows.start for curves in (seams, seeds))
        parted = part(cut[box], above, below, strokes.height, pitch)
        lines[box] = np.where(parted > 0, parted, lines[box])
    return spread(lines, band)


def _box(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns of a mask that is not blank, and a pixel round it: ink ends there."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, rows[0] - 1), rows[-1] + 2),
        slice(max(0, columns[0] - 1), columns[-1] + 2),
    )


def spread(lines: LineMap, band: LineMap) -> LineMap:
    """The lines of ink pixels (0 for paper), spread to the paper round them, bands elsewhere."""
    near = np.asarray(cv2.dilate(lines, np.ones((HALO, HALO), np.uint8)))
    return np.where(lines > 0, lines, np.where(near > 0, near, band)).astype(np.uint16)
