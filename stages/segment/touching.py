"""Strokes of neighbouring lines that touch, parted where a stroke ends, not where a seam runs.

Pieces of strokes are put above or below each seam by a minimum cut, as pixels are in Y. Boykov and
M.-P. Jolly, "Interactive graph cuts", ICCV 2001: letters' bodies belong to their lines, and what
lies between goes with what it hangs on to.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from stages.ink import Mask
from stages.segment.level import Rows
from stages.segment.pieces import Labels, Pieces, cut_strokes
from stages.segment.segmentation import LineMap

# Pieces that a line distance is cut into.
LEVELS = 10
# Of the way from a line's middle to the next one's: so far reach the bodies of letters.
BODY = 0.3
# What it costs, a pixel and line distance, to lie on the wrong side of the seam.
SIDE = 0.03
# In line distances from the seam: farther pieces are on their side for certain.
FREE = 1.2
# Whole numbers for the flow.
UNIT = 1000

Numbers = NDArray[np.int64]


def part(ink: Mask, seams: Rows, centres: Rows, letter: float, pitch: float) -> LineMap:
    """(H, W): the line, from 1, of every pixel of the ink given; 0 elsewhere, and everywhere where
    the ink has no strokes: dots alone.

    Args:
        ink: (H, W), not blank.
        seams: (n - 1, W), centres: (n, W) rows, top to bottom, n at least 2.
        letter: the letters' height, pitch: the lines' distance, in pixels.
    """
    y, x = np.nonzero(ink)
    upper = np.clip((centres[:, x] <= y).sum(axis=0) - 1, 0, len(centres) - 2)
    level = np.zeros(ink.shape, np.int32)
    level[ink] = np.floor((upper + _way(y, centres[upper, x], centres[upper + 1, x])) * LEVELS)
    pieces = cut_strokes(ink, level)
    if not pieces.count:
        return np.zeros(ink.shape, np.uint16)
    nearest = _nearest(pieces)
    label, count = nearest[ink], pieces.count + 1
    body = letter * len(label) / np.count_nonzero(pieces.labels)  # a letter high, a stroke wide

    def total(cost: Rows) -> Rows:
        return np.asarray(np.bincount(label, cost, minlength=count), np.float64)

    size = np.maximum(1, np.bincount(label, minlength=count))
    line = np.ones(count, np.int64)
    for seam, above, below in zip(seams, centres[:-1], centres[1:], strict=True):
        off = (y - seam[x]) / pitch
        way = _way(y, above[x], below[x])
        keeps_above = total(_body(way) + SIDE * np.maximum(0, -off))
        keeps_below = total(_body(1 - way) + SIDE * np.maximum(0, off))
        mean = total(off) / size
        free = np.abs(mean) < FREE
        line += _below(pieces, keeps_above / body, keeps_below / body, free, mean > 0)
    return np.where(ink, line[nearest], 0).astype(np.uint16)


def _way(y: Numbers, above: Rows, below: Rows) -> Rows:
    """How far rows are on the way from one middle to the next: 0 to 1 between them."""
    way: Rows = (y - above) / np.maximum(1.0, below - above)
    return way


def _body(way: Rows) -> Rows:
    """How surely a pixel belongs to the body of the letters at 0: 1 in their middle."""
    inside: Rows = np.maximum(0, BODY - way) / BODY
    return inside**2


def _below(pieces: Pieces, above: Rows, below: Rows, free: Mask, side: Mask) -> Mask:
    """Which pieces lie below a seam: the free ones by a minimum cut, the others as `side` says.

    Args:
        above, below: what holds each piece on that side; free, side: one entry a piece, from 0.
    """
    free = free.copy()
    free[0] = False
    chosen = np.flatnonzero(free)
    node = np.zeros(len(free), np.int64)
    node[chosen] = np.arange(len(chosen)) + 2
    links = np.array(pieces.links, np.float64).reshape(-1, 3)
    one, other = links[:, 0].astype(np.int64), links[:, 1].astype(np.int64)
    held_above, held_below = above.copy(), below.copy()
    for here, there in ((one, other), (other, one)):
        fixed = free[here] & ~free[there]
        for held, where in ((held_above, ~side), (held_below, side)):
            chain = fixed & where[there]
            np.add.at(held, here[chain], links[chain, 2])
    inside = free[one] & free[other]
    ends = node[one[inside]], node[other[inside]]
    rows = np.concatenate([np.zeros(len(chosen), np.int64), node[chosen], *ends])
    columns = np.concatenate([node[chosen], np.ones(len(chosen), np.int64), *ends[::-1]])
    costs = np.concatenate([held_above[chosen], held_below[chosen], *[links[inside, 2]] * 2])
    kept = _source_side(rows, columns, np.round(costs * UNIT), len(chosen) + 2)
    lies: Mask = side.copy()
    lies[chosen] = ~kept[node[chosen]]
    return lies


def _source_side(rows: Numbers, columns: Numbers, costs: Rows, size: int) -> Mask:
    """The nodes on the side of node 0 when a minimum cut parts it from node 1."""
    capacity = np.minimum(costs, 2**30).astype(np.int32)
    graph = csr_array(coo_array((capacity, (rows, columns)), shape=(size, size)))
    left = csr_array(graph - maximum_flow(graph, 0, 1).flow)
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    reached = np.zeros(size, np.bool_)
    reached[breadth_first_order(left, 0, return_predecessors=False)] = True
    return reached


def _nearest(pieces: Pieces) -> Labels:
    """(H, W): the piece that is nearest to each pixel."""
    paper = (pieces.labels == 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        paper, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    drawn = pieces.labels > 0
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[drawn]] = pieces.labels[drawn]
    return owner[nearest]
