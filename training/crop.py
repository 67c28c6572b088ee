"""A written line as a line segmenter would cut it out of a scanned page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stages.recognize.prepare import pad_to_aspect
from training.pen import Hand, Ink, render_line
from training.text import Line, sample_line

Gray = NDArray[np.uint8]
Plane = NDArray[np.floating[Any]]

ASPECT = 10.0
TALLEST = 110


@dataclass(frozen=True)
class Example:
    """A line crop, uint8 (H, W) gray, and what is written on it."""

    image: Gray
    text: str


def to_input(image: Gray, height: int, width: int) -> Gray:
    """What the processor sees: padded to ASPECT, resized by Pillow's box filter."""
    padded = Image.fromarray(pad_to_aspect(image, ASPECT))
    return np.asarray(padded.resize((width, height), Image.Resampling.BOX))


def _paste(plane: Plane, ink: Ink, x: int, y: int) -> None:
    """Lay ink on a plane so that its pen start comes to column x, row y; outside is cut off."""
    top, left = y - ink.baseline, x - ink.origin
    height, width = ink.alpha.shape
    rows = slice(max(0, top), min(plane.shape[0], top + height))
    columns = slice(max(0, left), min(plane.shape[1], left + width))
    if rows.start < rows.stop and columns.start < columns.stop:
        part = ink.alpha[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        plane[rows, columns] = np.maximum(plane[rows, columns], part)


def _frame(ink: Ink, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Rows above and below the baseline, columns before and after the line's ends, in pixels."""
    x = ink.x_height
    rows = np.flatnonzero(ink.alpha.max(axis=1) > 0.2)
    above, below = ink.baseline - int(rows[0]), int(rows[-1]) - ink.baseline
    if rng.random() < 0.5:
        above = int(above + rng.uniform(-0.1, 0.5) * x)
        below = int(below + rng.uniform(-0.1, 0.5) * x)
    else:
        above = int(max(rng.uniform(1.6, 3.2) * x, above - 0.25 * x))
        below = int(max(rng.uniform(0.5, 1.8) * x, below - 0.25 * x))
    before, after = np.maximum(rng.exponential(0.5, 2) * x, 1)
    if rng.random() < 0.12:
        after += rng.uniform(0, 25) * x
    return max(above, 4), max(below, 2), int(before), int(after)


def _rule(shape: tuple[int, int], row: float, pitch: float, rng: np.random.Generator) -> Plane:
    """Strength in [0, 1] of printed ruled lines, one of them through `row` at the left edge."""
    height, width = shape
    plane = np.zeros(shape, np.float32)
    tilt = rng.normal(0, 0.003) * width
    thickness = int(rng.integers(1, 3))
    for k in (-1, 0, 1):
        start = (0, int((row + k * pitch) * 16))
        end = (width * 16, int((row + k * pitch + tilt) * 16))
        cv2.line(plane, start, end, 1.0, thickness, cv2.LINE_AA, 4)
    if rng.random() < 0.1:
        at = int(rng.integers(0, width))
        cv2.line(plane, (at, 0), (at, height), 1.0, thickness)
    return plane


def _texture(shape: tuple[int, int], cell: float, rng: np.random.Generator) -> Plane:
    """Smooth noise (H, W) of unit variance and about `cell` pixels a grain."""
    rows, columns = (max(2, int(np.ceil(side / cell)) + 1) for side in shape)
    coarse = rng.standard_normal((rows, columns), np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR))


def _scan(ink: Plane, rules: Plane | None, rng: np.random.Generator) -> Gray:
    """Ink coverage on paper, as scanned: colour, grain, shading, blur, noise, compression."""
    shape = (ink.shape[0], ink.shape[1])
    pencil = rng.random() < 0.25
    if pencil:
        grain = _texture(shape, rng.uniform(1.0, 2.0), rng)
        ink = ink * np.clip(rng.uniform(0.65, 1.0) + 0.25 * grain, 0, 1)
    if rng.random() < 0.5:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 1.1)))
    white = 255.0 if rng.random() < 0.4 else rng.uniform(185, 255)
    paper = np.full(shape, white, np.float32)
    if rng.random() < 0.5:
        paper += rng.uniform(1, 7) * _texture(shape, rng.uniform(30, 300), rng)
    if rules is not None:
        paper -= rules * rng.uniform(15, 110)
    black = rng.uniform(50, 140) if pencil else max(0.0, rng.normal(45, 35))
    page = paper + (min(black, white - 90) - paper) * ink
    if rng.random() < 0.6:
        page += rng.uniform(1, 11) * rng.standard_normal(shape, np.float32)
    image = np.clip(page, 0, 255).astype(np.uint8)
    if rng.random() < 0.08:
        _, binary = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        image = np.asarray(binary, np.uint8)
    if rng.random() < 0.25:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))]
        coded = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE)
        image = np.asarray(coded, np.uint8)
    return image


def cut_out(ink: Ink, neighbours: Sequence[Ink], rng: np.random.Generator) -> Example:
    """Crop of one line on a scanned page, with what its neighbours leave in it.

    Args:
        ink: the line.
        neighbours: lines by the same hand, of which two may be written above and below.
        rng: of the page and of the cut.
    """
    above, below, before, after = _frame(ink, rng)
    width = int(before + ink.alpha.shape[1] - ink.origin + after)
    plane = np.zeros((above + below, width), np.float32)
    pitch = rng.uniform(2.1, 3.8) * ink.x_height
    if neighbours and rng.random() < 0.5:
        for side in (-1, 1):
            other = neighbours[int(rng.integers(len(neighbours)))]
            x = int(before - rng.uniform(-1, 3) * ink.x_height)
            _paste(plane, other, x, int(above + side * pitch))
        plane[int(above - 0.9 * ink.x_height) : above] *= rng.choice([1.0, 0.0, 0.0])
        if rng.random() < 0.6:
            # A segmenter that follows the gap between lines leaves only stray ends.
            keep = _texture((above + below, width), ink.x_height * 2, rng) > 0.8
            plane *= keep
    if rng.random() < 0.06:
        for _ in range(rng.integers(1, 6)):
            spot = (int(rng.integers(width)), int(rng.integers(above + below)))
            cv2.circle(plane, spot, int(rng.integers(1, 3)), 1.0, -1)
    _paste(plane, ink, before, above)
    rules = None
    if rng.random() < 0.25:
        row = above + rng.normal(0.15, 0.15) * ink.x_height
        rules = _rule((above + below, width), row, pitch, rng)
    return Example(_scan(plane, rules, rng), ink.text)


def sample_examples(
    fonts: Sequence[Path],
    rng: np.random.Generator,
    count: int,
    misspelt: float = 0.3,
    mix_fonts: bool = True,
) -> list[Example]:
    """Draw a writer, who writes `count` lines; each is cut out of its page."""
    font = fonts[int(rng.integers(len(fonts)))]
    hand = Hand.sample(font, rng, fonts if mix_fonts else ())
    inks = [write(sample_line(rng, misspelt), hand, rng) for _ in range(count)]
    return [cut_out(ink, [other for other in inks if other is not ink], rng) for ink in inks]


def write(line: Line, hand: Hand, rng: np.random.Generator) -> Ink:
    """Write a line with what the font can draw: other characters are left out of it."""
    return render_line(line.text, hand, rng, line.struck)
