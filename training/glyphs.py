"""Glyph shapes of a font, as outlines to fill and as centre lines to draw with any pen.

A font's stroke has the width and the contrast of its design; a pen on paper has its own. The
centre lines, found by thinning the glyphs, let one letter shape be written by many pens.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import ImageFont

from training.fonts import PRINTABLE
from training.thinning import centre_lines

Points = NDArray[np.floating[Any]]

CURVE_STEPS = 6
RASTER_X_HEIGHT = 40
RASTER_MARGIN = 6


@dataclass(frozen=True)
class Glyph:
    """One character's shape; unit = the font's x-height, y down, baseline at y = 0.

    Attributes:
        outlines: closed contours, each (N, 2), filled by the even-odd rule.
        strokes: centre lines, each (N, 2), open.
        advance: from this pen position to the next.
    """

    outlines: tuple[Points, ...]
    strokes: tuple[Points, ...]
    advance: float


@dataclass(frozen=True)
class Face:
    """A font's glyphs by character, with its kerning."""

    path: Path
    glyphs: dict[str, Glyph]
    stroke_width: float
    pillow_font: ImageFont.FreeTypeFont
    pillow_x_height: float

    def kern(self, left: str, right: str) -> float:
        """The change of the advance between two characters, in x-heights."""
        return _kern(self.pillow_font, left, right) / self.pillow_x_height


@cache
def _kern(font: ImageFont.FreeTypeFont, left: str, right: str) -> float:
    return font.getlength(left + right) - font.getlength(left) - font.getlength(right)


def _bezier(control: Points) -> Points:
    t = np.linspace(0, 1, CURVE_STEPS + 1, dtype=np.float32)[1:, None]
    weights: tuple[Points, ...] = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
    if len(control) == 4:
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    curve: Points = np.sum([w * p for w, p in zip(weights, control, strict=True)], axis=0)
    return curve


def _quadratics(points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Split a TrueType curve with implied on-curve points into single quadratic segments."""
    segments = []
    for index, off in enumerate(points[:-1]):
        last = index == len(points) - 2
        following = points[index + 1]
        on = following if last else ((off[0] + following[0]) / 2, (off[1] + following[1]) / 2)
        segments.append([off, on])
    return segments


def _flatten(recording: list[tuple[str, tuple[tuple[float, float] | None, ...]]]) -> list[Points]:
    contours: list[Points] = []
    current: list[Points] = []
    for operation, arguments in recording:
        points = [point for point in arguments if point is not None]
        if operation == "moveTo":
            current = [np.array(points, np.float32)]
        elif operation == "lineTo":
            current.append(np.array(points, np.float32))
        elif operation in ("qCurveTo", "curveTo"):
            if arguments[-1] is None:
                # A closed TrueType contour with no on-curve point at all.
                start = tuple(np.mean([points[0], points[-1]], axis=0))
                points.append(start)
                current = [np.array([start], np.float32)]
            pieces = _quadratics(points) if operation == "qCurveTo" else [points]
            for piece in pieces:
                control: Points = np.vstack([current[-1][-1:], np.array(piece, np.float32)])
                current.append(_bezier(control))
        elif operation in ("closePath", "endPath") and current:
            contours.append(np.vstack(current))
            current = []
    return [contour for contour in contours if len(contour) >= 3]


def rasterise(outlines: list[Points]) -> tuple[NDArray[np.uint8], Points]:
    """Fill a glyph at RASTER_X_HEIGHT pixels an x-height.

    Returns:
        The raster (H, W), 0 or 1, and the position (x, y) of its pixel (0, 0) in x-heights.
    """
    every = np.vstack(outlines) * RASTER_X_HEIGHT
    low = np.floor(every.min(axis=0)) - RASTER_MARGIN
    width, height = (np.ceil(every.max(axis=0)) - low + RASTER_MARGIN).astype(int)
    raster = np.zeros((height, width), np.uint8)
    shifted = [np.round((c * RASTER_X_HEIGHT - low) * 16).astype(np.int32) for c in outlines]
    for contour in sorted(shifted, key=lambda points: -abs(_signed_area(points))):
        layer = np.zeros_like(raster)
        cv2.fillPoly(layer, [contour], (1,), cv2.LINE_8, 4)
        # Overlapping contours of one direction are a union, the others are holes.
        raster = raster | layer if _is_outer(contour, shifted) else raster & (1 - layer)
    return raster, (low / RASTER_X_HEIGHT).astype(np.float32)


def _signed_area(points: NDArray[np.int32]) -> float:
    return float(cv2.contourArea(points, oriented=True))


def _is_outer(contour: NDArray[np.int32], contours: list[NDArray[np.int32]]) -> bool:
    largest = max(contours, key=lambda points: abs(_signed_area(points)))
    return _signed_area(contour) * _signed_area(largest) >= 0


@cache
def load_face(path: Path) -> Face:
    """Read a font's printable ASCII glyphs and find their centre lines (about 0.5 s a font).

    Raises:
        OSError: the file cannot be read as a font.
    """
    with TTFont(path) as font:
        glyph_set = font.getGlyphSet()
        names = {chr(code): name for code, name in font.getBestCmap().items()}
        recorded: dict[str, list[Points]] = {}
        advances: dict[str, float] = {}
        for character in PRINTABLE:
            if character in names:
                pen = DecomposingRecordingPen(glyph_set)
                glyph_set[names[character]].draw(pen)
                recorded[character] = _flatten(pen.value)
                advances[character] = glyph_set[names[character]].width
        units = float(font["head"].unitsPerEm)
    x_height = float(np.median([np.vstack(recorded[c])[:, 1].max() for c in "xzvuwrn"]))
    scale = np.array([1 / x_height, -1 / x_height], np.float32)
    glyphs: dict[str, Glyph] = {}
    widths: list[float] = []
    for character, contours in recorded.items():
        outlines = [contour * scale for contour in contours]
        strokes: list[Points] = []
        if outlines:
            raster, corner = rasterise(outlines)
            lines, width = centre_lines(raster)
            strokes = [line / RASTER_X_HEIGHT + corner for line in lines]
            widths.append(width / RASTER_X_HEIGHT)
        advance = advances[character] / x_height
        glyphs[character] = Glyph(tuple(outlines), tuple(strokes), advance)
    pillow_font = ImageFont.truetype(path, 100, layout_engine=ImageFont.Layout.BASIC)
    return Face(path, glyphs, float(np.median(widths)), pillow_font, 100 * x_height / units)
