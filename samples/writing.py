"""The handwriting of a page: each line's ink and its place, by the pen that training uses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.answers import Word
from samples.style import Style
from training.hand import Hand
from training.pen import Ink, render_line

MEASURED_X_HEIGHT = 8.0
INSERTION_SIZE = 0.75
INSERTION_RISE = 1.75
ASCENDER = 2.2
DESCENDER = 1.3
PARAGRAPH_INDENT = 3.0
PARAGRAPH_GAP = 0.8

Coverage = NDArray[np.float32]


@dataclass(frozen=True)
class Patch:
    """Ink on the page: coverage (h, w) in [0, 1], its pixel (0, 0) at (left, top) of the page."""

    coverage: Coverage
    left: int
    top: int


@dataclass(frozen=True)
class WrittenLine:
    """One handwritten line: its patches, and the row of its baseline where it starts."""

    patches: list[Patch]
    baseline: float


@dataclass(frozen=True)
class Writing:
    """All lines in reading order, x-height and pitch in pixels, and the row where it ends."""

    lines: list[WrittenLine]
    x_height: float
    pitch: float
    bottom: float


def _passages(words: Sequence[Word]) -> list[list[Word]]:
    """Split a line where an insertion begins or ends."""
    passages: list[list[Word]] = []
    for word in words:
        inserted = word.kind == "inserted"
        if not passages or (passages[-1][0].kind == "inserted") != inserted:
            passages.append([])
        passages[-1].append(word)
    return passages


def _render(words: Sequence[Word], hand: Hand, rng: np.random.Generator) -> Ink:
    struck = [index for index, word in enumerate(words) if word.kind == "struck"]
    return render_line(" ".join(word.text for word in words), hand, rng, struck)


def _patch(ink: Ink, x: float, baseline: float) -> Patch:
    return Patch(ink.alpha, round(x) - ink.origin, round(baseline) - ink.baseline)


def _caret(hand: Hand, x: float, baseline: float) -> Patch:
    """The mark below an insertion, its tip at column x."""
    size = round(hand.x_height)
    canvas = np.zeros((2 * size, 2 * size), np.uint8)
    low, high = 3 * size // 2, size // 2
    points = np.array([[size // 2, low], [size, high], [3 * size // 2, low]], np.int32)
    thickness = max(1, round(hand.stroke * hand.x_height))
    cv2.polylines(canvas, [points], False, (255,), thickness, cv2.LINE_AA)
    coverage = canvas.astype(np.float32) / np.float32(255)
    return Patch(coverage, round(x) - size, round(baseline - 0.4 * size))


def write_line(
    words: Sequence[Word], hand: Hand, x: float, baseline: float, rng: np.random.Generator
) -> tuple[list[Patch], float]:
    """One line from column x on: its patches, and the column where the pen ends.

    An inserted passage stands above the line, centred on a caret between its neighbours.
    """
    patches: list[Patch] = []
    for passage in _passages(words):
        row = baseline + hand.baseline_slope * (x - (patches[0].left if patches else x))
        if passage[0].kind == "inserted":
            small = hand.with_x_height(hand.x_height * INSERTION_SIZE)
            ink = _render([Word(word.text) for word in passage], small, rng)
            joint = x - 0.3 * hand.x_height
            left = joint - ink.advance / 2
            patches.append(_patch(ink, left, row - INSERTION_RISE * hand.x_height))
            patches.append(_caret(hand, joint, row))
        else:
            ink = _render(passage, hand, rng)
            patches.append(_patch(ink, x, row))
            x += ink.advance
    return patches, x


def _fitting_hand(lines: Sequence[Sequence[Word]], style: Style, width: float, seed: int) -> Hand:
    """The style's hand, made so small that its longest line fits into `width` pixels."""
    small = style.hand.with_x_height(MEASURED_X_HEIGHT)
    indent = PARAGRAPH_INDENT if style.paragraphs == "indent" else 0.0
    longest = max(
        write_line(line, small, 0, 0, np.random.default_rng((seed, index)))[1] / MEASURED_X_HEIGHT
        for index, line in enumerate(lines)
        if line
    )
    wished = style.hand.x_height * style.page_width / 1654
    drift = abs(style.drift) * len(lines)
    return style.hand.with_x_height(min(wished, width / (longest + indent + drift)))


def write(
    lines: Sequence[Sequence[Word]],
    style: Style,
    rng: np.random.Generator,
    *,
    left: float,
    width: float,
    top: float,
) -> Writing:
    """Write lines below row `top`, between columns `left` and `left + width`.

    Args:
        lines: words of each line; an empty line begins a paragraph.
        style: the hand, its pitch and how it treats paragraphs.
        rng: what varies from line to line.
        left: column in pixels.
        width: pixels.
        top: row in pixels, above the first line's ascenders.
    """
    seed = int(rng.integers(2**31))
    hand = _fitting_hand(lines, style, width, seed)
    pitch = style.pitch * hand.x_height
    baseline = top + ASCENDER * hand.x_height
    start = left + max(0.0, -style.drift) * hand.x_height * len(lines)
    written: list[WrittenLine] = []
    begins = True
    for index, line in enumerate(lines):
        if not line:
            begins = True
            if style.paragraphs == "gap":
                baseline += pitch if style.ruled else PARAGRAPH_GAP * pitch
            continue
        indent = PARAGRAPH_INDENT if begins and style.paragraphs == "indent" else 0.0
        x = start + (indent + rng.normal(0, 0.15)) * hand.x_height
        row = baseline if style.ruled else baseline + rng.normal(0, 0.05) * pitch
        slope = hand.baseline_slope + rng.normal(0, style.fan)
        line_rng = np.random.default_rng((seed, index))
        patches, _ = write_line(line, replace(hand, baseline_slope=slope), x, row, line_rng)
        written.append(WrittenLine(patches, row))
        start += style.drift * hand.x_height
        baseline += pitch
        begins = False
    below = pitch if style.ruled else DESCENDER * hand.x_height
    bottom = baseline - pitch + below
    return Writing(written, hand.x_height, pitch, bottom)
