"""The essay region: from the print above the handwriting to the print below it, page-wide."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stages.crop.anchors import bounding_box
from stages.crop.text import lines_of
from stages.errors import PageError
from stages.ink import Components, Mask, cover, find_components
from stages.pages.records import Box, Word
from stages.pages.scans import Pixels

MARGIN = 2
HALO = 3
TALL = 0.8
SPECK = 0.5
MIN_COMPONENTS = 2
REACH = 2.0


@dataclass(frozen=True)
class Region:
    """The region's box in page pixels and the printed ink that reaches into it, (H, W) bool.

    The mask covers the whole page.
    """

    box: Box
    print_mask: Mask


def find_region(
    components: Components,
    above: Sequence[Word],
    below: Sequence[Word],
    top: int | None = None,
    bottom: int | None = None,
) -> Region:
    """The rows between two pieces of print, widened to the handwriting that reaches past them.

    The region begins right under the lowest printed ink of `above` and ends right over the
    highest of `below`. Where letters of the handwriting reach into the rows of the print, beside
    or between its words, the region grows up to two line heights to hold them, and the print in
    it is to be painted out (`paint_out`).

    Args:
        components: the ink of the upright page.
        above: printed words above the handwriting, below: printed words below it.
        top, bottom: rows to begin and end at instead, where a sentence was not found.

    Raises:
        PageError: no handwriting stands between the two.
    """
    height, width = components.labels.shape
    ink = components.labels > 0
    line_height = _line_height([*above, *below], height)
    printed = [_printed(components, words) for words in (above, below)]
    print_mask = components.mask(printed[0] | printed[1]) | (ink & _boxes(ink.shape, above, below))

    if top is None:
        edge = components.bottom[printed[0]].max(initial=0)
        top = int(edge or bounding_box(above).bottom) + MARGIN
    if bottom is None:
        edge = components.top[printed[1]].min(initial=height)
        bottom = int(edge if edge < height else bounding_box(below).top) - MARGIN
    grown = _with_handwriting(ink & ~print_mask, top, bottom, line_height) if top < bottom else None
    if grown is None:
        raise PageError(
            f"no handwriting between rows {top} and {bottom}, under the print above it and over"
            " the examiner's comment; leave this page out or scan it again"
        )
    top, bottom = grown
    return Region(Box(left=0, top=top, right=width, bottom=bottom), print_mask)


def paint_out(pixels: Pixels, region: Region) -> Pixels:
    """The region's pixels, a copy, its printed ink and a halo round it covered with paper.

    Args:
        pixels: (H, W, 3) uint8, the upright page.
    """
    left, top, right, bottom = region.box.corners
    printed = region.print_mask[top:bottom, left:right].astype(np.uint8)
    size = 2 * HALO + 1
    halo = cv2.dilate(printed, np.ones((size, size), np.uint8)) > 0
    return cover(pixels[top:bottom, left:right], halo)


def _line_height(words: Sequence[Word], page_height: int) -> float:
    if not words:
        return page_height / 60
    return float(np.median([word.box.height for word in words]))


def _printed(components: Components, words: Sequence[Word]) -> Mask:
    """Which components are letters of the words: centred in a line's box, not much taller."""
    chosen = np.zeros(len(components.area), dtype=np.bool_)
    x = (components.left + components.right) / 2
    y = (components.top + components.bottom) / 2
    for line in lines_of(words):
        box = bounding_box(line)
        side, over = 0.4 * box.height, 0.15 * box.height
        chosen |= (
            (x >= box.left - side)
            & (x < box.right + side)
            & (y >= box.top - over)
            & (y < box.bottom + over)
            & (components.height <= 1.3 * box.height)
        )
    return chosen


def _boxes(shape: tuple[int, ...], *groups: Sequence[Word]) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    for word in (word for group in groups for word in group):
        mask[word.box.top : word.box.bottom, word.box.left : word.box.right] = True
    return mask


def _with_handwriting(
    ink: Mask, top: int, bottom: int, line_height: float
) -> tuple[int, int] | None:
    """Rows [top, bottom) widened to the handwriting that belongs to them; None if there is none."""
    reach = round(REACH * line_height)
    first, last = max(0, top - reach), min(len(ink), bottom + reach)
    letters = find_components(ink[first:last])
    centre = first + (letters.top + letters.bottom) / 2
    inside = (centre >= top) & (centre < bottom)
    if (inside & (letters.height >= TALL * line_height / 2)).sum() < MIN_COMPONENTS:
        return None
    solid = letters.height >= SPECK * line_height / 2
    joined = solid & (inside | _near(letters, solid, inside, line_height))
    upper = first + int(letters.top[joined].min()) - MARGIN
    lower = first + int(letters.bottom[joined].max()) + MARGIN
    return max(first, min(top, upper)), min(last, max(bottom, lower))


def _near(letters: Components, solid: Mask, inside: Mask, line_height: float) -> Mask:
    """Which components hang together with the solid ones inside, across the gaps between words."""
    ink = letters.mask(solid).astype(np.uint8)
    kernel = np.ones((max(1, round(line_height / 2)), max(1, round(2 * line_height))), np.uint8)
    _, clusters = cv2.connectedComponents(cv2.dilate(ink, kernel), connectivity=8)
    seeds = letters.mask(solid & inside)
    wanted = np.isin(clusters, np.unique(clusters[seeds]))
    chosen = np.zeros(len(letters.area) + 1, dtype=np.bool_)
    chosen[np.unique(letters.labels[wanted & letters.mask(solid)])] = True
    return np.asarray(chosen[1:], dtype=np.bool_)
