"""Strokes one pixel wide, and where they meet.

T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns", CACM 27(3),
1984; branchings by the crossing number of D. Rutovitz, "Pattern recognition", JRSS A 129, 1966.
"""

import numpy as np
from numpy.typing import NDArray

from stages.ink import Mask

# Clockwise from the north, as (rows, columns).
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_BITS = (np.arange(256)[:, None] >> np.arange(8)) & 1
_NEIGHBOURS = _BITS.sum(axis=1)
_CROSSINGS = ((_BITS == 0) & (np.roll(_BITS, -1, axis=1) == 1)).sum(axis=1)
BRANCHES = 3


def _removable(first: bool) -> Mask:
    """By the code of its eight neighbours, whether a pixel goes in this half of a pass."""
    north, east, south, west = (_BITS[:, bit] == 1 for bit in (0, 2, 4, 6))
    inner = (_NEIGHBOURS >= 2) & (_NEIGHBOURS <= 6) & (_CROSSINGS == 1)
    if first:
        return np.asarray(inner & ~(north & east & south) & ~(east & south & west))
    return np.asarray(inner & ~(north & east & west) & ~(north & south & west))


_PASSES = (_removable(True), _removable(False))


def _codes(flat: NDArray[np.uint8], places: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    codes = np.zeros(len(places), np.uint8)
    for bit, (down, right) in enumerate(AROUND):
        codes |= flat[places + (down * width + right)] << np.uint8(bit)
    return codes


def thin(mask: Mask) -> Mask:
    """The skeleton of a mask (H, W): as connected as it was, strokes one pixel wide."""
    padded = np.pad(mask, 1).astype(np.uint8)
    flat, width = padded.reshape(-1), padded.shape[1]
    places = np.flatnonzero(flat)
    changing = True
    while changing:
        changing = False
        for removable in _PASSES:
            gone = removable[_codes(flat, places, width)]
            flat[places[gone]] = 0
            places = places[~gone]
            changing |= bool(gone.any())
    return padded[1:-1, 1:-1].astype(np.bool_)


def branchings(skeleton: Mask) -> Mask:
    """The pixels of a skeleton (H, W) at which three strokes or more meet."""
    padded = np.pad(skeleton, 1).astype(np.uint8)
    flat = padded.reshape(-1)
    places = np.flatnonzero(flat)
    found = np.zeros_like(flat)
    found[places] = _CROSSINGS[_codes(flat, places, padded.shape[1])] >= BRANCHES
    return found.reshape(padded.shape)[1:-1, 1:-1].astype(np.bool_)
