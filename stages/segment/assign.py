"""Every pixel to a line: the bands between the seams, corrected stroke by stroke.

As in Louloudis et al. (2008), a connected component belongs to one line as a whole unless it
really reaches two: here, unless the parts into which the seams cut it go through the middle of
different lines.
"""

from collections import defaultdict

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.ink import Components, Mask
from stages.segment.level import Rows
from stages.segment.segmentation import LineMap

# A part reaches its line if it goes so far, in line distances, beyond the middle of the letters.
REACH = 0.1
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


def _parts(cut: Mask, band: LineMap) -> tuple[NDArray[np.int32], int]:
    """The connected parts of cut components within bands, labelled from 1, and their number."""
    parts = np.zeros(cut.shape, np.int32)
    count = 0
    for parity in (0, 1):
        mask = (cut & (band % 2 == parity)).astype(np.uint8)
        found, labels = cv2.connectedComponents(mask, connectivity=8)
        parts = np.where(labels > 0, labels + count, parts)
        count += found - 1
    return parts, count


def _neighbours(parts: NDArray[np.int32]) -> set[tuple[int, int]]:
    """Pairs of different parts whose pixels touch from one row to the next."""
    pairs: set[tuple[int, int]] = set()
    width = parts.shape[1]
    for shift in (-1, 0, 1):
        upper = parts[:-1, max(0, -shift) : width - max(0, shift)]
        lower = parts[1:, max(0, shift) : width - max(0, -shift)]
        touching = (upper > 0) & (lower > 0) & (upper != lower)
        pairs |= set(zip(upper[touching].tolist(), lower[touching].tolist(), strict=True))
    return pairs


def _owners(
    parts: NDArray[np.int32], count: int, band: LineMap, seeds: Rows, pitch: float
) -> LineMap:
    """The line of every part (index 0 unused): its band's, or, for the mere end of a stroke that
    began in a neighbouring band, that one's."""
    rows, columns = np.nonzero(parts)
    label = parts[rows, columns]
    lines = band[rows, columns]
    depth = (rows - seeds[lines.astype(np.int64) - 1, columns]) / pitch
    deepest, highest = np.full(count + 1, -np.inf), np.full(count + 1, np.inf)
    np.maximum.at(deepest, label, depth)
    np.minimum.at(highest, label, depth)
    area = np.bincount(label, minlength=count + 1)
    owner = np.zeros(count + 1, np.uint16)
    owner[label] = lines
    above, below = defaultdict(list), defaultdict(list)
    for one, other in sorted(_neighbours(parts)):
        upper, lower = (one, other) if owner[one] < owner[other] else (other, one)
        below[upper].append(lower)
        above[lower].append(upper)
    for part in np.argsort(area[1:], kind="stable") + 1:
        descends = above[part] and not below[part] and deepest[part] < REACH
        ascends = below[part] and not above[part] and highest[part] > -REACH
        if descends or ascends:
            body = max(above[part] + below[part], key=lambda near: (area[near], near))
            if area[body] > area[part]:
                owner[part] = owner[body]
    return owner


def assign(ink: Mask, components: Components, seams: Rows, seeds: Rows, pitch: float) -> LineMap:
    """(H, W): the line of every pixel, from 1, ink and the paper round it stroke by stroke.

    Args:
        ink, components: of the region.
        seams: (n - 1, W) rows of the region, seeds: (n, W), both top to bottom.
        pitch: distance of lines in pixels.
    """
    band = bands(seams, len(ink))
    if len(seeds) < 2:
        return band
    lines = np.where(ink, band, 0).astype(np.uint16)
    parts, count = _parts(_cut_components(ink, components, band), band)
    if count:
        owner = _owners(parts, count, band, seeds, pitch)
        lines = np.where(parts > 0, owner[parts], lines)
    return spread(lines, band)


def spread(lines: LineMap, band: LineMap) -> LineMap:
    """The lines of ink pixels (0 for paper), spread to the paper round them, bands elsewhere."""
    near = np.asarray(cv2.dilate(lines, np.ones((HALO, HALO), np.uint8)))
    return np.where(lines > 0, lines, np.where(near > 0, near, band)).astype(np.uint16)
