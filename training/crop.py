"""A written line as a line segmenter would cut it out of a scanned page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from stages.recognize.prepare import pad_to_aspect
from training.hand import Hand
from training.page import cut_page
from training.paper import Gray, paste, rules, scan, texture
from training.pen import Ink, render_line
from training.text import Line, sample_line

ASPECT = 10.0
# The share of words that are misspelt, and of writers whose lines the segment stage cuts.
MISSPELT, SEGMENTED = 0.3, 0.5


@dataclass(frozen=True)
class Example:
    """A line crop, uint8 (H, W) gray, and what is written on it."""

    image: Gray
    text: str


def to_input(image: Gray, height: int, width: int) -> Gray:
    """What the processor sees: padded to ASPECT, resized by Pillow's box filter."""
    padded = Image.fromarray(pad_to_aspect(image, ASPECT))
    return np.asarray(padded.resize((width, height), Image.Resampling.BOX))


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
            paste(plane, other, x, int(above + side * pitch))
        plane[int(above - 0.9 * ink.x_height) : above] *= rng.choice([1.0, 0.0, 0.0])
        if rng.random() < 0.6:
            # A segmenter that follows the gap between lines leaves only stray ends.
            keep = texture((above + below, width), ink.x_height * 2, rng) > 0.8
            plane *= keep
    if rng.random() < 0.06:
        for _ in range(rng.integers(1, 6)):
            spot = (int(rng.integers(width)), int(rng.integers(above + below)))
            cv2.circle(plane, spot, int(rng.integers(1, 3)), 1.0, -1)
    paste(plane, ink, before, above)
    ruled = None
    if rng.random() < 0.25:
        row = above + rng.normal(0.15, 0.15) * ink.x_height
        ruled = rules((above + below, width), row, pitch, rng)
    return Example(scan(plane, ruled, rng), ink.text)


def sample_examples(fonts: Sequence[Path], rng: np.random.Generator, count: int) -> list[Example]:
    """Draw a writer, who writes `count` lines, and cut each out of a page.

    Half of the writers' lines stand below one another and are cut by the segment stage. The others,
    and those that it does not find, are cut by `cut_out`, rougher, as other tools may do it.
    """
    font = fonts[int(rng.integers(len(fonts)))]
    hand = Hand.sample(font, rng, fonts).varied(rng)
    inks = [write(sample_line(rng, MISSPELT), hand, rng) for _ in range(count)]
    found = cut_page(inks, rng) if rng.random() < SEGMENTED else {}
    return [
        Example(found[k], ink.text)
        if k in found
        else cut_out(ink, [other for other in inks if other is not ink], rng)
        for k, ink in enumerate(inks)
    ]


def write(line: Line, hand: Hand, rng: np.random.Generator) -> Ink:
    """Write a line with what the font can draw: other characters are left out of it."""
    return render_line(line.text, hand, rng, line.struck)
