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
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from training.fonts import characters
from training.thinning import centre_lines, smooth

Points = NDArray[np.floating[Any]]

RASTER_X_HEIGHT = 40
RASTER_MARGIN = 4
MEASURED_SIZE = 200


@dataclass(frozen=True)
class Glyph:
    """One character's shape; unit = the font's x-height, y down, baseline at y = 0.

    Attributes:
        outlines: closed contours, each (N, 2); holes run the other way round.
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
    font: ImageFont.FreeTypeFont

    def kern(self, left: str, right: str) -> float:
        """The change of the advance between two characters, in x-heights."""
        return _kern(self.font, left, right)


@cache
def _kern(font: ImageFont.FreeTypeFont, left: str, right: str) -> float:
    change = font.getlength(left + right) - font.getlength(left) - font.getlength(right)
    return change / RASTER_X_HEIGHT


def rasterise(character: str, font: ImageFont.FreeTypeFont) -> tuple[NDArray[np.uint8], Points]:
    """Draw one character filled.

    Returns:
        The raster (H, W), 0 or 1, and the position (x, y) of its pixel (0, 0) in pixels relative
        to the pen's start on the baseline.
    """
    left, top, right, bottom = font.getbbox(character, anchor="ls")
    corner = np.floor([left, top]).astype(int) - RASTER_MARGIN
    width, height = np.ceil([right, bottom]).astype(int) - corner + RASTER_MARGIN
    canvas = Image.new("L", (int(width), int(height)))
    start = (-float(corner[0]), -float(corner[1]))
    ImageDraw.Draw(canvas).text(start, character, font=font, fill=255, anchor="ls")
    return (np.asarray(canvas) > 127).astype(np.uint8), corner.astype(np.float32)


def outlines(raster: NDArray[np.uint8]) -> list[Points]:
    """Smoothed contours (x, y) in pixels of a 0/1 raster; holes run the other way round."""
    contours, _ = cv2.findContours(raster, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [
        smooth(np.asarray(contour[:, 0], np.float32), closed=True)
        for contour in contours
        if len(contour) > 8
    ]


@cache
def load_face(path: Path) -> Face:
    """Read a font's printable ASCII glyphs and find their centre lines (about 0.3 s a font).

    Raises:
        OSError: the file cannot be read as a font.
    """
    basic = ImageFont.Layout.BASIC
    measured = ImageFont.truetype(path, MEASURED_SIZE, layout_engine=basic)
    x_height = float(np.median([-measured.getbbox(c, anchor="ls")[1] for c in "xzvuwrn"]))
    size = MEASURED_SIZE * RASTER_X_HEIGHT / x_height
    font = ImageFont.truetype(path, size, layout_engine=basic)
    glyphs: dict[str, Glyph] = {}
    for character in sorted(characters(path)):
        raster, corner = rasterise(character, font)
        shapes, strokes = (
            tuple((line + corner) / RASTER_X_HEIGHT for line in lines)
            for lines in (outlines(raster), centre_lines(raster))
        )
        advance = font.getlength(character) / RASTER_X_HEIGHT
        glyphs[character] = Glyph(shapes, strokes, advance)
    return Face(path, glyphs, font)
