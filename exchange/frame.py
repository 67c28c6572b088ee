"""From page pixels back to pixels of the scan: the stages deskew a page, its image file is not."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.errors import UserError
from stages.pages.records import Box, Layout, Point
from stages.pages.upright import rectification, rotation


@dataclass(frozen=True)
class Frame:
    """A scan of `width` x `height` pixels; `inverse` (3, 3) takes (x, y, 1) of the page to
    (x w, y w, w) of it."""

    width: int
    height: int
    inverse: NDArray[np.float64]

    def outline(self, points: Sequence[Point]) -> list[Point]:
        """A polygon in page pixels as at least three points of the scan."""
        found = self._inside(points)
        if len(set(found)) >= 3:
            return found
        (left, top), (right, bottom) = np.min(found, axis=0), np.max(found, axis=0)
        left, top = min(left, self.width - 2), min(top, self.height - 2)
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        return [
            (int(x), int(y))
            for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
        ]

    def path(self, points: Sequence[Point]) -> list[Point]:
        """A baseline in page pixels as at least two points of the scan."""
        found = self._inside(points)
        if len(found) >= 2:
            return found
        x, y = min(found[0][0], self.width - 2), found[0][1]
        return [(x, y), (x + 1, y)]

    def box(self, box: Box) -> list[Point]:
        """A box in page pixels as the part of it that lies on the scan, at least three points."""
        part = None
        if min(box.width, box.height) > 1:  # OpenCV finds points off the scan where a side is 0
            turned = self._map(corners(box)).round(3).astype(np.float32)  # OpenCV errs at 1e-16
            scan = corners(Box(left=0, top=0, right=self.width, bottom=self.height))
            _, part = cv2.intersectConvexConvex(turned, np.asarray(scan, np.float32))
        if part is not None and np.isfinite(part).all():
            found = _without_repeats(np.rint(part.reshape(-1, 2)).astype(int).tolist())
            if len(set(found)) >= 3:
                return found
        return self.outline(corners(box))

    def _map(self, points: Sequence[Point]) -> NDArray[np.float64]:
        homogeneous = np.column_stack([np.asarray(points, np.float64), np.ones(len(points))])
        mapped = homogeneous @ self.inverse.T
        return np.asarray(mapped[:, :2] / mapped[:, 2:], np.float64)

    def _inside(self, points: Sequence[Point]) -> list[Point]:
        rounded = np.rint(self._map(points)).astype(int)
        clipped = np.clip(rounded, 0, [self.width - 1, self.height - 1])
        return _without_repeats(clipped.tolist())


def frame_of(width: int, height: int, layout: Layout) -> Frame:
    """The frame of a scan of `width` x `height` pixels, at least 2 x 2, that was read as `layout`.

    Raises:
        UserError: the layout is that of a scan of another size.
    """
    flatten, flat = np.eye(3), (width, height)
    if layout.outline:
        flatten, flat = rectification(layout.outline)
    turn, size = rotation(*flat, layout.rotation_degrees)
    if size != (layout.width, layout.height):
        raise UserError(
            f"{layout.source}: is {width} x {height} now, of another size than the scan that was "
            "read; run `dvc repro`"
        )
    inverse = np.linalg.inv(np.vstack([turn, [0, 0, 1]]) @ flatten)
    return Frame(width, height, np.asarray(inverse, np.float64))


def corners(box: Box) -> list[Point]:
    """A box's corner pixels, clockwise from the upper left."""
    left, top, right, bottom = box.left, box.top, box.right - 1, box.bottom - 1
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _without_repeats(points: list[list[int]]) -> list[Point]:
    kept: list[Point] = []
    for x, y in points:
        if not kept or kept[-1] != (x, y):
            kept.append((x, y))
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return kept
