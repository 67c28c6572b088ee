"""Answer sheets as they would look on other paper: the same pages, drawn over.

Millimetres are of A4: a page's width is 210.
"""

from collections.abc import Callable

import cv2
import numpy as np

from stages.pages.scans import Pixels

Colour = tuple[int, int, int]

WIDTH = 210.0
GREY: Colour = (150, 150, 150)
INK: Colour = (40, 40, 40)
RED: Colour = (190, 90, 90)
LIGHT: Colour = (190, 205, 225)
THICK, LEAN = 0.4, 0.3  # a margin line's width, and its lean in degrees
BESIDE = 1.8  # from the print's left edge
DARK, FULL = 110, 8  # a column in which so many pixels are so dark is the print's
ROUND = 4.0  # a frame's distance from what it surrounds
SQUARES, RULE = 5.0, 0.2
DOTS, APART = 0.5, 5.0


def margined(page: Pixels) -> Pixels:
    """With a grey margin line through the first letters of the print."""
    columns = np.flatnonzero((page.min(axis=2) < DARK).sum(axis=0) > FULL)
    return _with_margin(page, float(columns.min()) + BESIDE * _scale(page), GREY)


def crossed(page: Pixels) -> Pixels:
    """With a red margin line down a third of its width, through print and handwriting."""
    return _with_margin(page, page.shape[1] / 3, RED)


def framed(page: Pixels) -> Pixels:
    """With a dark frame round all that stands on it."""
    scale = _scale(page)
    dark = page.min(axis=2) < DARK
    (left, right), (top, bottom) = (
        (int(at.min()), int(at.max()))
        for at in (np.flatnonzero(dark.sum(axis=axis) > FULL) for axis in (0, 1))
    )
    off, frame = round(ROUND * scale), page.copy()
    corners = (left - off, top - off), (right + off, bottom + off)
    cv2.rectangle(frame, *corners, INK, round(THICK * scale), cv2.LINE_AA)
    return frame


def squared(page: Pixels) -> Pixels:
    """On squared paper, 5 mm, in light blue."""
    height, width, _ = page.shape
    step, thick = SQUARES * _scale(page), max(1, round(RULE * _scale(page)))
    rules = np.full_like(page, 255)
    for at in np.arange(step / 2, max(height, width), step).astype(int).tolist():
        rules[at : at + thick] = LIGHT
        rules[:, at : at + thick] = LIGHT
    return np.minimum(page, rules)


def dotted(page: Pixels) -> Pixels:
    """On paper with a grid of grey dots, 5 mm apart."""
    height, width, _ = page.shape
    scale, dots = _scale(page), np.full_like(page, 255)
    for y in np.arange(APART * scale / 2, height, APART * scale):
        for x in np.arange(APART * scale / 2, width, APART * scale):
            cv2.circle(dots, (int(x), int(y)), round(DOTS * scale / 2), GREY, -1, cv2.LINE_AA)
    return np.minimum(page, dots)


def _scale(page: Pixels) -> float:
    """Pixels a millimetre."""
    return float(page.shape[1] / WIDTH)


def _with_margin(page: Pixels, x: float, colour: Colour) -> Pixels:
    """With a line from top to bottom that leans a little, in its middle at column x."""
    height = len(page)
    off = np.tan(np.radians(LEAN)) * height / 2
    line = np.full_like(page, 255)
    ends = (round(x + off), 0), (round(x - off), height)
    cv2.line(line, *ends, colour, round(THICK * _scale(page)), cv2.LINE_AA)
    return np.minimum(page, line)


SHEETS: dict[str, Callable[[Pixels], Pixels]] = {
    "margined": margined,
    "crossed": crossed,
    "framed": framed,
    "squared": squared,
    "dotted": dotted,
}
