"""A line's pixels on a level baseline, without its neighbours' strokes."""

from dataclasses import dataclass

import cv2
import numpy as np

from stages.ink import bare_paper
from stages.pages.scans import Pixels
from stages.segment.segmentation import Segmentation

HALO = 5


@dataclass(frozen=True)
class Straightener:
    """Cuts the lines of one region; `blank` is the region's bare paper."""

    region: Pixels
    blank: Pixels
    found: Segmentation

    @classmethod
    def of(cls, region: Pixels, found: Segmentation) -> "Straightener":
        """For a region (H, W, 3) uint8 RGB and one segmentation of it."""
        return cls(region, bare_paper(region), found)

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
        kernel = np.ones((HALO, HALO), np.uint8)
        own = cv2.dilate((ink & (territory == number)).astype(np.uint8), kernel) > 0
        other = cv2.dilate((ink & (territory != number)).astype(np.uint8), kernel) > 0
        hidden = (other & ~own)[..., None]
        return np.where(hidden, self.blank[first:last], self.region[first:last])
