"""Photos made like scans: the sheet found on the table, and its light evened out."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.crop.dots import without_dots
from stages.crop.squares import without_squares
from stages.ink import Mask, paper, to_gray
from stages.pages.records import Point
from stages.pages.scans import Pixels
from stages.pages.upright import rectify

SMALL = 400
THUMB = 64
EDGE = 0.02
DARK_TABLE = 0.85
LEVELS = range(40, 240, 8)
MIN_SHARE = 0.3
MAX_SHARE = 0.98
MIN_FILL = 0.86
CORNER_TOLERANCE = 0.03
# Of the angles: 65 to 115 degrees.
MAX_COSINE = 0.42
INSET = 0.008
EVEN = 0.7
# Grey levels: paper that is darker may be a negative's; ink differs from its paper by more.
DARK, CLEAR = 128, 32

Corners = NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """A page's pixels (H, W, 3) uint8 as a scanner would have given them on plain paper.

    `outline` is where they were in the photo, None if they are all of it; `notes` say for a person
    what was done.
    """

    pixels: Pixels
    outline: list[Point] | None
    notes: list[str]


def as_scanned(photo: Pixels, cut: bool = True) -> Sheet:
    """A photo's sheet, flat, evenly lit, on plain paper; a plain scan is given back as it is.

    Args:
        photo: (H, W, 3) uint8 RGB; a negative is made a positive.
        cut: whether to seek a sheet in it, and to leave out what lies round it; if not, the light
            is evened out in any case.
    """
    pixels, notes = photo, []
    outline = find_outline(to_gray(photo)) if cut else None
    if outline:
        pixels = rectify(photo, outline)
        notes.append("scan: a photo of a sheet; the sheet's outline was made a rectangle")
    if is_negative(to_gray(pixels)):
        pixels = 255 - pixels
        notes.append("scan: a negative, light on dark; made dark on light")
    gray = to_gray(pixels)
    if is_uneven(gray) or not cut:
        pixels = even_light(pixels, gray)
        notes.append("scan: unevenly lit; the shadows were taken out")
    plain = without_squares(pixels)
    if plain is not None:
        pixels = plain
        notes.append("scan: squared paper; its rules were taken out")
    plain = without_dots(pixels)
    if plain is not None:
        pixels = plain
        notes.append("scan: dotted paper; its dots were taken out")
    return Sheet(pixels, outline, notes)


def find_outline(gray: Pixels) -> list[Point] | None:
    """The corners of a sheet on a darker table, clockwise from the top left; None on a scan.

    A scan is paper up to its edges. Where the edges are darker than the paper, the brightness that
    best sets off one large four-sided patch from the rest gives the sheet.

    Args:
        gray: (H, W) uint8.
    """
    height, width = gray.shape
    scale = SMALL / max(height, width)
    if scale >= 1 or min(height, width) * scale < 50:
        return None
    resized = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(resized, dtype=np.uint8)
    if not _has_dark_edge(small):
        return None
    small = np.asarray(cv2.medianBlur(small, 7), dtype=np.uint8)
    quads = [quad for level in LEVELS if (quad := _quad(small > level)) is not None]
    if not quads:
        return None
    _, corners = max(quads, key=lambda quad: quad[0])
    centre = corners.mean(axis=0)
    inside = centre + (corners - centre) * (1 - INSET)
    bounds = np.array([width - 1, height - 1])
    return [(int(x), int(y)) for x, y in np.rint(inside / scale).clip(0, bounds)]


def _has_dark_edge(small: Pixels) -> bool:
    """Whether two sides of the picture at least are darker than its paper."""
    rim = max(1, round(EDGE * min(small.shape)))
    light = np.quantile(small, 0.9)
    sides = (small[:rim], small[-rim:], small[:, :rim], small[:, -rim:])
    dark = [side for side in sides if float(np.median(side)) < DARK_TABLE * light]
    return len(dark) >= 2


def _quad(mask: Mask) -> tuple[float, Corners] | None:
    """How alone a mask's largest patch fills its corners (4, 2); None if they are no sheet's."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    found = cv2.approxPolyDP(hull, CORNER_TOLERANCE * cv2.arcLength(hull, True), True)
    share = cv2.contourArea(found) / mask.size
    if len(found) != 4 or not MIN_SHARE < share < MAX_SHARE:
        return None
    corners = _clockwise(found.reshape(4, 2).astype(np.float64))
    inside = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(inside, found.astype(np.int32), 1)
    fill = float(mask[inside > 0].mean()) - float(mask[inside == 0].mean())
    return (fill, corners) if fill > MIN_FILL and _is_page_like(corners) else None


def _is_page_like(corners: Corners) -> bool:
    """Whether all four angles are near enough to right ones for a sheet seen at an angle."""
    sides = np.roll(corners, -1, axis=0) - corners
    sides /= np.linalg.norm(sides, axis=1, keepdims=True)
    return bool((np.abs((sides * np.roll(sides, 1, axis=0)).sum(axis=1)) < MAX_COSINE).all())


def _clockwise(points: Corners) -> Corners:
    """Corners in the order top left, top right, bottom right, bottom left."""
    centre = points.mean(axis=0)
    angles = np.arctan2(*(points - centre).T[::-1])
    ordered = points[np.argsort(angles)]
    return np.roll(ordered, -int(ordered.sum(axis=1).argmin()), axis=0)


def is_negative(gray: Pixels) -> bool:
    """Whether the page, (H, W) uint8, is dark, and its ink lighter than the paper round it."""
    if np.median(gray) >= DARK:
        return False
    off = gray.astype(np.int16) - paper(gray)
    return bool((off > CLEAR).sum() > (off < -CLEAR).sum())


def is_uneven(gray: Pixels) -> bool:
    """Whether the paper, (H, W) uint8, is much darker in one place than in another."""
    small = cv2.resize(gray, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    light = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    low, high = np.quantile(light, [0.03, 0.97])
    return bool(low < EVEN * high)


def even_light(pixels: Pixels, gray: Pixels) -> Pixels:
    """A page without its shadows: (H, W, 3) uint8 over the brightness of its own paper.

    Args:
        gray: (H, W) uint8, the same page.
    """
    light = np.maximum(paper(gray), 1).astype(np.float32)
    bright = float(np.quantile(light, 0.97))
    even = pixels.astype(np.float32) * (bright / light)[..., None]
    return np.asarray(even.clip(0, 255), dtype=np.uint8)
