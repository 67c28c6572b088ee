"""Answer sheets for the tests: as lists of OCR words, and as drawn pages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from stages.pages.records import Box, Word
from stages.pages.scans import Pixels

TEST = "TEST 3, WRITING TASK 2"
PROMPT = "Write about the following topic:"
TOPIC = (
    "Some towns have made all of their buses free to use.",
    "What are the benefits and the costs of this?",
)
BAND = "This is an answer written by a candidate who achieved a Band 6.5 score."
HEADER = "Here is the examiner's comment:"
COMMENT = (
    "The writer answers both questions, but the second part is short.",
    "Ideas are easy to follow and the vocabulary is varied enough.",
)
HAND = ("wc th1nk busos ar gud", "becos th0y ar cheep", "ond evry1 con ride")
SHEET = (TEST, PROMPT, *TOPIC, BAND, *HAND, HEADER, *COMMENT)


def words(lines: Sequence[str], confidence: float = 0.95, pitch: int = 40) -> list[Word]:
    """Lines as OCR words in 10 x 20 pixel letters; handwriting (HAND) is read with 0.4."""
    found = []
    for number, line in enumerate(lines):
        left = 100
        for text in line.split():
            top = 100 + pitch * number
            box = Box(left=left, top=top, right=left + 10 * len(text), bottom=top + 20)
            sure = 0.4 if line in HAND else confidence
            found.append(Word(text=text, box=box, confidence=sure, line=number))
            left = box.right + 10
    return found


def text_of(chosen: Sequence[Word]) -> str:
    return " ".join(word.text for word in chosen)


@dataclass(frozen=True)
class Drawn:
    """A drawn page, (H, W, 3) uint8, and which of its pixels are handwriting, (H, W) bool."""

    pixels: Pixels
    hand: NDArray[np.bool_]


def draw_sheet(
    lines: Sequence[str] = SHEET, *, gap: int = 60, size: int = 30, ink: int = 20
) -> Drawn:
    """A sheet as a printer and a pen would leave it.

    Lines in HAND are drawn as tall zigzag strokes, `gap` pixels away from the print.
    """
    font = ImageFont.load_default(size)
    page = Image.new("L", (1240, 200 + 80 * len(lines)), 245)
    hand = Image.new("1", page.size)
    pens = ImageDraw.Draw(page), ImageDraw.Draw(hand)
    top = 80
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        top += gap if (line in HAND) != (before in HAND) else 0
        if line in HAND:
            for left in range(120, 900, 130):
                zigzag = [(left + 12 * k, top + (60 if k % 2 else 0)) for k in range(9)]
                pens[0].line(zigzag, fill=ink, width=4)
                pens[1].line(zigzag, fill=1, width=4)
            top += 75
        else:
            pens[0].text((100, top), line, font=font, fill=ink)
            top += round(1.5 * size)
    page, hand = (image.crop((0, 0, 1240, top + 80)) for image in (page, hand))
    return Drawn(np.asarray(page.convert("RGB")), np.asarray(hand, dtype=np.bool_))
