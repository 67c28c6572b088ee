"""A line's pixels on a level baseline, without its neighbours' strokes."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from stages.ink import Mask, bare_paper, to_gray
from stages.pages.scans import Pixels
from stages.segment.ruling import find_pale_rules
from stages.segment.segmentation import Segmentation
from stages.segment.strokes import flatten

HALO = 5

Rules = Literal["keep", "remove"]


@dataclass(frozen=True)
class Straightener:
    """Cuts the lines of one region; `blank` is the region's bare paper."""

    region: Pixels
    blank: Pixels
    found: Segmentation

    @classmethod
    def of(cls, region: Pixels, found: Segmentation, rules: Rules = "keep") -> "Straightener":
        """For a region (H, W, 3) uint8 RGB and one segmentation of it.

        Rules that run down the page are covered with paper wherever they are not written over.

        Args:
            rules: `remove` covers ruled lines too.
        """
        blank = bare_paper(region)
        hidden = _with_halo(found.upright_rules)
        if rules == "remove":
            hidden |= _rules(region, found)
        if hidden.any():
            hidden &= ~_with_halo(found.ink)
            region = np.where(hidden[..., None], blank, region)
        return cls(region, blank, found)

    def crop(self, number: int, left: int, right: int, margin: float) -> Pixels:
        """Line `number` (from 1) between two columns, (h, right - left, 3) uint8.

        Every column is shifted so that the middle of the letters runs level; strokes of other
        lines are covered with paper; all of the line's own ink is inside, with `margin` pixels
        above and below.
        """
        found = self.found
        top, bottom = found.rows[number - 1]
        centre = found.centres[number - 1]
        own = found.ink[top:bottom] & (found.territory[top:bottom] == number)
        y, x = np.nonzero(own)
        depth = y + top - centre[x]
        above, below = depth.min() - margin, depth.max() + margin + 1
        columns = centre[left:right]
        first = max(0, int(np.floor(columns.min() + above)) - 1)
        last = min(len(found.ink), int(np.ceil(columns.max() + below)) + 2)
        source = self._without_others(number, first, last)
        rows = np.arange(round(below - above))[:, None] + above + columns[None, :] - first
        across = np.broadcast_to(np.arange(left, right), rows.shape)
        return np.asarray(
            cv2.remap(
                source,
                across.astype(np.float32),
                rows.astype(np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )

    def _without_others(self, number: int, first: int, last: int) -> Pixels:
        ink, territory = self.found.ink[first:last], self.found.territory[first:last]
        own = _with_halo(ink & (territory == number))
        other = _with_halo(ink & (territory != number))
        hidden = (other & ~own)[..., None]
        return np.where(hidden, self.blank[first:last], self.region[first:last])


def _with_halo(ink: Mask) -> Mask:
    return np.asarray(cv2.dilate(ink.astype(np.uint8), np.ones((HALO, HALO), np.uint8)) > 0)


def _rules(region: Pixels, found: Segmentation) -> Mask:
    """Rules are level on an upright page, and have the writing's slope on any other."""
    flat = flatten(to_gray(region))
    written = float((found.centres[:, -1] - found.centres[:, 0]).mean()) / region.shape[1]
    return find_pale_rules(flat, 0.0) | find_pale_rules(flat, written)
