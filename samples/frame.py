"""The printed frame: the header and prompt above the handwriting, the comment below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samples.answers import Answer, typeset
from samples.style import FONTS, Style

Face = Literal["400-normal", "700-normal", "400-italic"]

REFERENCE_WIDTH = 1654
MARGIN = 146
TEXT_SIZE = 29.0
HEADER_SIZE = 32.0
PROMPT_INDENT = 40
LEADING = 1.43
TOP = 105
GAP = 40
PARAGRAPH_GAP = 15

BAND_SENTENCE = "This is an answer written by a candidate who achieved a Band {band} score."
COMMENT_HEADING = "Here is the examiner's comment:"


@dataclass(frozen=True)
class PrintedLine:
    """One line of print: left end and top of its row in pixels, and its font."""

    text: str
    left: float
    top: float
    font: ImageFont.FreeTypeFont


@cache
def _font(family: str, face: Face, size: float) -> ImageFont.FreeTypeFont:
    path = FONTS / family / f"{family}-latin-{face}.woff2"
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Break a text at spaces into lines of at most `width` pixels (a longer word stands alone)."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


class _Column:
    """A column of print that grows downwards from `top`."""

    def __init__(self, style: Style, top: float) -> None:
        self.style = style
        self.scale = style.page_width / REFERENCE_WIDTH
        self.top = top
        self.lines: list[PrintedLine] = []

    def skip(self, pixels: float) -> None:
        self.top += pixels * self.scale

    def add(
        self,
        text: str,
        face: Face = "400-normal",
        size: float = TEXT_SIZE,
        indent: float = 0,
        share: float = 1.0,
    ) -> None:
        font = _font(self.style.print_family, face, round(size * self.scale, 1))
        width = (REFERENCE_WIDTH - 2 * MARGIN - 2 * indent) * self.scale * share
        for line in wrap(typeset(text, self.style.curly), font, width):
            self.lines.append(PrintedLine(line, (MARGIN + indent) * self.scale, self.top, font))
            self.skip(size * LEADING)


def head(answer: Answer, style: Style) -> tuple[list[PrintedLine], float]:
    """All print above the handwriting, and the row in pixels where it ends."""
    column = _Column(style, 0)
    column.skip(TOP)
    header = f"TEST {answer.test}, WRITING TASK 2"
    if style.test_above:
        column.add(header, "700-normal", HEADER_SIZE)
        column.skip(GAP * 0.75)
    column.add("Write about the following topic:")
    column.skip(PARAGRAPH_GAP)
    for paragraph in answer.topic:
        column.add(paragraph, "700-normal", indent=PROMPT_INDENT)
        column.skip(PARAGRAPH_GAP)
    column.skip(GAP * 0.75)
    if not style.test_above:
        column.add(header, "700-normal", HEADER_SIZE)
        column.skip(GAP * 0.5)
    band = f"{answer.band:.1f}" if style.decimal_band else f"{answer.band:g}"
    column.add(BAND_SENTENCE.format(band=band), share=style.sentence_share)
    return column.lines, column.top


def foot(answer: Answer, style: Style, top: float) -> tuple[list[PrintedLine], float]:
    """All print below the handwriting, from row `top`, and the row in pixels where it ends."""
    column = _Column(style, top)
    column.add(COMMENT_HEADING)
    column.skip(PARAGRAPH_GAP)
    column.add(answer.comment, "400-italic" if style.italic_comment else "400-normal")
    return column.lines, column.top


def draw(lines: Sequence[PrintedLine], height: int, width: int) -> NDArray[np.float32]:
    """The print's coverage, (height, width) float32 in [0, 1]."""
    image = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.text((line.left, line.top), line.text, fill=255, font=line.font)
    return np.asarray(image, dtype=np.float32) / np.float32(255)
