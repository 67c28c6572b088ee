"""From a filled shape to the centre lines that a pen would have followed."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating[Any]]
Pixel = tuple[int, int]

# Neighbours P2..P9 of Zhang and Suen, clockwise from the north, as (row, column) offsets.
NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
SMOOTHING_PASSES = 3
POINT_EVERY = 3


def _removable(step: int) -> NDArray[np.bool_]:
    table = np.zeros(256, bool)
    for code in range(256):
        p = [code >> k & 1 for k in range(8)]
        ones = sum(p)
        rises = sum(a == 0 and b == 1 for a, b in zip(p, p[1:] + p[:1], strict=True))
        north, east, south, west = p[0], p[2], p[4], p[6]
        if step == 0:
            open_side = north * east * south == 0 and east * south * west == 0
        else:
            open_side = north * east * west == 0 and north * south * west == 0
        table[code] = 2 <= ones <= 6 and rises == 1 and open_side
    return table


TABLES = (_removable(0), _removable(1))
KERNEL = np.zeros((3, 3), np.float32)
for _bit, (_row, _column) in enumerate(NEIGHBOURS):
    KERNEL[1 + _row, 1 + _column] = 1 << _bit


def thin(shape: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Thin a 0/1 image (H, W) to lines one pixel wide (Zhang and Suen, CACM 27(3), 1984)."""
    image = shape.copy()
    while True:
        removed = False
        for table in TABLES:
            codes = cv2.filter2D(image, cv2.CV_8U, KERNEL, borderType=cv2.BORDER_CONSTANT)
            gone = (image > 0) & table[codes]
            if gone.any():
                image[gone] = 0
                removed = True
        if not removed:
            return image


def _adjacency(skeleton: NDArray[np.uint8]) -> dict[Pixel, list[Pixel]]:
    """Neighbours of each pixel; a diagonal counts only where no straight way leads there."""
    pixels = {(int(r), int(c)) for r, c in np.argwhere(skeleton)}
    links: dict[Pixel, list[Pixel]] = {}
    for row, column in pixels:
        links[row, column] = [
            (row + dr, column + dc)
            for dr, dc in NEIGHBOURS
            if (row + dr, column + dc) in pixels
            and not (dr and dc and ((row + dr, column) in pixels or (row, column + dc) in pixels))
        ]
    return links


def trace(skeleton: NDArray[np.uint8]) -> list[tuple[list[Pixel], bool]]:
    """Walk a skeleton's branches from node to node (a node has not exactly two neighbours).

    Returns:
        (pixels, loose) for each branch; loose: exactly one of its ends is free.
    """
    links = _adjacency(skeleton)
    used: set[frozenset[Pixel]] = set()
    branches = []
    nodes = [pixel for pixel in sorted(links) if len(links[pixel]) != 2]
    for start in nodes + sorted(links):
        if not links[start] and start in nodes:
            branches.append(([start, start], False))
            links[start] = [start]
        for following in links[start]:
            edge = frozenset((start, following))
            if edge in used or following == start:
                continue
            used.add(edge)
            walk = [start, following]
            while len(links[walk[-1]]) == 2 and walk[-1] != start:
                ahead = next(pixel for pixel in links[walk[-1]] if pixel != walk[-2])
                used.add(frozenset((walk[-1], ahead)))
                walk.append(ahead)
            ends = sorted(len(links[end]) for end in (walk[0], walk[-1]))
            branches.append((walk, ends[0] == 1 and ends[1] > 2))
    return branches


def smooth(points: Points, closed: bool) -> Points:
    """A pixel path (N, 2) as a smooth line with fewer points; the ends of an open one stay."""
    points = points.copy()
    for _ in range(SMOOTHING_PASSES):
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        inner = slice(None) if closed else slice(1, -1)
        points[inner] = ((before + 2 * points + after) / 4)[inner]
    if closed:
        return points[::POINT_EVERY]
    kept: Points = points[np.append(np.arange(0, len(points) - 1, POINT_EVERY), len(points) - 1)]
    return kept


def centre_lines(shape: NDArray[np.uint8]) -> list[Points]:
    """Centre lines of a 0/1 shape (H, W).

    Branches that end freely and are no longer than the stroke is wide are artefacts of the
    thinning, and are left out.

    Returns:
        Open lines, each (N, 2) of (x, y) in pixels, N >= 2.
    """
    skeleton = thin(shape)
    depth = cv2.distanceTransform(shape, cv2.DIST_L2, 3)
    width = float(np.median(2 * depth[skeleton > 0])) if skeleton.any() else 0.0
    return [
        smooth(np.array([(c, r) for r, c in walk], np.float32), closed=False)
        for walk, loose in trace(skeleton)
        if not (loose and len(walk) <= 0.8 * width)
    ]
