"""What every method of segmentation finds in a region."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.ink import Mask
from stages.segment.strokes import Strokes

LineMap = NDArray[np.uint16]


@dataclass(frozen=True)
class Segmentation:
    """Lines of a region, top to bottom.

    Attributes:
        territory: (H, W), the number of the line that each pixel belongs to, from 1; 0 for none.
        ink: (H, W), where there is ink.
        upright_rules: (H, W), the rules that run down the page, which are part of no line.
        centres: (n, W), rows of the region along the middle of each line's letters.
        rows: n pairs (top, bottom), half open: the rows that hold each line.
        height: of the letters in pixels.
    """

    territory: LineMap
    ink: Mask
    upright_rules: Mask
    centres: NDArray[np.float64]
    rows: list[tuple[int, int]]
    height: float

    @classmethod
    def without_lines(cls, strokes: Strokes) -> "Segmentation":
        """Of ink (H, W) that belongs to no line."""
        ink = strokes.ink
        territory, centres = np.zeros(ink.shape, np.uint16), np.zeros((0, ink.shape[1]))
        return cls(territory, ink, strokes.upright_rules, centres, [], strokes.height)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.rows)

    def digest(self) -> str:
        """A SHA-256 in hexadecimal digits of all that its lines' crops and records follow from.

        Whose the paper between the strokes is plays no part in them.
        """
        sha = hashlib.sha256(repr((self.ink.shape, self.rows, self.height)).encode())
        for array in (self.ink, self.territory * self.ink, self.upright_rules, self.centres):
            sha.update(np.ascontiguousarray(array).data)
        return sha.hexdigest()


def inked_rows(territory: LineMap, ink: Mask, count: int) -> list[tuple[int, int]]:
    """The rows (top, bottom), half open, that the ink of each line 1 to `count` reaches."""
    y, x = np.nonzero(ink)
    line = territory[y, x]
    top = np.full(count + 1, len(ink))
    bottom = np.zeros(count + 1, np.int64)
    np.minimum.at(top, line, y)
    np.maximum.at(bottom, line, y + 1)
    return list(zip(top[1:].tolist(), bottom[1:].tolist(), strict=True))


def inked_lines(
    territory: LineMap, strokes: Strokes, centres: NDArray[np.float64], least: float
) -> Segmentation:
    """The lines that have at least `least` ink pixels, at least one, numbered anew.

    Args:
        territory: (H, W); centres: (n, W), all lines.
    """
    ink = strokes.ink
    counts = np.bincount(territory[ink], minlength=len(centres) + 1)
    kept = np.flatnonzero(counts[1:] >= max(1.0, least))
    numbers = np.zeros(len(counts), np.uint16)
    numbers[kept + 1] = np.arange(1, len(kept) + 1)
    territory = numbers[territory]
    rows = inked_rows(territory, ink, len(kept))
    return Segmentation(territory, ink, strokes.upright_rules, centres[kept], rows, strokes.height)
