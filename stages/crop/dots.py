"""Dotted paper made plain: the dots of its writing lines, or its grid, would pass for print."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from stages.ink import Components, cover, find_components, find_ink, page_scale, to_gray
from stages.pages.scans import Pixels

# Pixels at 200 dpi, the least and the largest width and height of a dot.
LEAST, LARGEST = 1.5, 9.0
# How often a dot is as wide as high at most, or as high as wide, and how much of its box it fills.
ROUND, FILL = 1.7, 0.5
# Pixels by which a row of dots may fall or rise, in shares of their distance; by how much one
# distance may differ from the next, in such shares and in pixels besides.
LEVEL, EVEN, ROUNDED = 0.12, 0.12, 1.5
# Dots look for the next one among so many that are nearest.
NEAREST = 8
# Evenly spaced dots in a row that are no accident, and in all, also as a share of all dots: among
# much dirt some stand evenly.
ROW, PATTERN, SHARE = 6, 100, 0.15
# Where words are written over a row: a dot finds others of like size so far to each side, in
# distances, and so far off the row, in pixels; they may be so far off their places, and so many are
# in them at least, and such a share of all.
FAR, OFF_ROW, ALIKE = 20, 2.0, 1.7
OFF_PLACE, IN_PLACE, MOST = 0.2, 4, 0.6
HALO = 2


def without_dots(pixels: Pixels) -> Pixels | None:
    """A page without the dots that stand in even rows; None where there are none to speak of.

    Full stops, the dots of letters and dirt do not stand so: a dot goes only as one of six or more
    that follow each other at one distance, or, where there are many such, as one of some that are
    whole distances apart from each other.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    gray = to_gray(pixels)
    scale = page_scale(gray)
    components = find_components(find_ink(gray))
    dots = np.flatnonzero(_is_dot(components, scale))
    if len(dots) < PATTERN:
        return None
    x = (components.left + components.right)[dots] / 2
    y = (components.top + components.bottom)[dots] / 2
    rows = _even_rows(np.stack([x, y], axis=1))
    if rows.chosen.sum() < max(PATTERN, SHARE * len(dots)):
        return None
    chosen = np.zeros(len(components.area), np.bool_)
    chosen[dots[_with_those_between_words(rows, components.area[dots], scale)]] = True
    size = 2 * round(HALO * scale) + 1
    hidden = cv2.dilate(components.mask(chosen).astype(np.uint8), np.ones((size, size), np.uint8))
    return cover(pixels, (np.asarray(hidden) > 0) & ~components.mask(~chosen))


def _is_dot(components: Components, scale: float) -> NDArray[np.bool_]:
    width, height = components.right - components.left, components.height
    low, high = np.minimum(width, height), np.maximum(width, height)
    size = (low >= LEAST * scale) & (high <= LARGEST * scale) & (high <= ROUND * low + 1)
    return np.asarray(size & (components.area >= FILL * width * height), dtype=np.bool_)


@dataclass(frozen=True)
class Rows:
    """Points (n, 2), x and y; which of them stand in even rows; the mean step there, (2,)."""

    points: NDArray[np.float64]
    chosen: NDArray[np.bool_]
    step: NDArray[np.float64]


def _even_rows(points: NDArray[np.float64]) -> Rows:
    """Rows of points that follow each other at one distance."""
    following, step = _following(points)
    run = np.ones(len(points), np.int64)  # points in the even row that ends here
    before = np.full(len(points), -1)
    for point in np.argsort(points[:, 0], kind="stable"):
        after = following[point]
        if after < 0:
            continue
        even = before[point] < 0 or (
            abs(step[point] - step[before[point]]) <= EVEN * step[point] + ROUNDED
        )
        length = run[point] + 1 if even else 2
        if length > run[after]:
            run[after], before[after] = length, point
    chosen = np.zeros(len(points), np.bool_)
    steps = []
    for last in np.flatnonzero(run >= ROW):
        point = last
        chosen[point] = True
        for _ in range(run[last] - 1):
            steps.append(points[point] - points[before[point]])
            point = before[point]
            chosen[point] = True
    return Rows(points, chosen, np.mean(steps, axis=0) if steps else np.zeros(2))


def _with_those_between_words(
    rows: Rows, area: NDArray[np.int32], scale: float
) -> NDArray[np.bool_]:
    """Which points stand in rows, also where writing has left a few of a row alone."""
    step, fall = rows.step
    usual = float(np.median(area[rows.chosen]))
    alike = np.flatnonzero((area <= ALIKE * usual) & (ALIKE * area >= usual))
    x, y = rows.points[alike].T
    places = np.stack([x / (FAR * step), (y - x * fall / step) / (OFF_ROW * scale)], axis=1)
    near = KDTree(places).query_ball_point(places, 1.0, p=np.inf)
    chosen = rows.chosen.copy()
    for point, others in enumerate(near):
        away = (x[others] - x[point]) / step
        in_place = (abs(away - np.round(away)) <= OFF_PLACE) & (np.round(away) != 0)
        if in_place.sum() >= max(IN_PLACE, MOST * (len(others) - 1)):
            chosen[alike[point]] = True
    return chosen


def _following(points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each point the nearest one to its right in its row, -1 for none, and how far it is."""
    distance, index = KDTree(points).query(points, k=min(NEAREST, len(points)))
    move = points[index] - points[:, None]
    level = (move[..., 0] > 0) & (abs(move[..., 1]) <= LEVEL * distance + 1)
    nearest = np.where(level, distance, np.inf).argmin(axis=1)
    rows = np.arange(len(points))
    found = level[rows, nearest]
    return np.where(found, index[rows, nearest], -1), distance[rows, nearest]
