"""A line of handwriting as ink: `render_line` lets a hand write.

Lengths are in x-heights unless a name says pixels; y points down and the baseline is at y = 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training.glyphs import Face, Points, load_face
from training.hand import Hand
from training.strokes import (
    Strokes,
    affine,
    draw_strokes,
    fill_outlines,
    in_proportion,
    joining,
    rounded,
    strike,
    trailing,
    warp,
)

DRAWN_X_HEIGHT = 56


@dataclass(frozen=True)
class Ink:
    """A written line, to be laid on paper with its pixel (origin, baseline) at the pen's start.

    Attributes:
        alpha: float32 (H, W) in [0, 1], coverage by ink; no ink touches the border.
        baseline: row of the baseline at the start of the line (letters' feet).
        origin: column where the pen started; what is left of it sticks out.
        advance: pixels from the origin to the end of the line.
        x_height: pixels.
        text: the transcription: what is written and not struck out.
    """

    alpha: NDArray[np.float32]
    baseline: int
    origin: int
    advance: float
    x_height: float
    text: str


def transcription(text: str, struck: Sequence[int]) -> str:
    """`text` without its struck words (counted from 0, split at spaces)."""
    return " ".join(word for k, word in enumerate(text.split(" ")) if k not in struck)


@lru_cache(maxsize=4096)
def _letter(hand: Hand, character: str) -> tuple[tuple[Points, ...], float, bool]:
    """A letter in the writer's own constant shape: (lines, advance, are they strokes?)."""
    face = load_face(dict(hand.allographs).get(character, hand.font))
    glyph = face.glyphs.get(character) or load_face(hand.font).glyphs.get(character)
    if glyph is None:
        return (), 0.5, True
    lines = glyph.strokes if hand.centre_lines else glyph.outlines
    if not lines:
        return (), glyph.advance, hand.centre_lines
    rng = np.random.default_rng((hand.seed, ord(character)))
    matrix, shift = affine(rng, hand.style * 0.6)
    every = warp(np.vstack(lines), rng, hand.style * 0.6, 3.0) @ matrix.T + shift
    every = in_proportion(every, hand.ascender, hand.descender) * np.array([hand.width, 1])
    cuts = np.cumsum([len(line) for line in lines])[:-1]
    parts = np.split(every.astype(np.float32), cuts)
    if hand.centre_lines:
        parts = [rounded(line, hand.haste) for line in parts]
    return tuple(parts), glyph.advance * hand.width, hand.centre_lines


def _word(
    word: str, hand: Hand, face: Face, rng: np.random.Generator
) -> tuple[Strokes, Strokes, float]:
    """One word at the origin: its strokes, its outlines, its advance."""
    strokes: Strokes = []
    outlines: Strokes = []
    before: Sequence[Points] = ()
    x = 0.0
    for index, character in enumerate(word):
        lines, advance, are_strokes = _letter(hand, character)
        if index:
            x += face.kern(word[index - 1], character) * hand.width
        if lines:
            matrix, shift = affine(rng, hand.letter_jitter)
            shift = shift + np.array([x, 0], np.float32)
            placed = [line @ matrix.T + shift for line in lines]
            (strokes if are_strokes else outlines).extend(placed)
            joins = are_strokes and before and character.islower() and word[index - 1].islower()
            if joins and rng.random() < hand.join:
                strokes.extend(joining(before, placed))
            before = placed
        x += advance + hand.letter_spacing + rng.normal(0, hand.letter_jitter)
    strokes, outlines = (trailing(lines, x, hand.haste) for lines in (strokes, outlines))
    return strokes, outlines, max(x, 0.2)


def _write(
    text: str, hand: Hand, rng: np.random.Generator, struck: Sequence[int]
) -> tuple[Strokes, Strokes, float]:
    """All strokes and outlines of a line, in x-heights, and its advance."""
    face = load_face(hand.font)
    space = (face.glyphs[" "].advance if " " in face.glyphs else 0.5) * hand.width
    space = max(space, 0.55)
    strokes: Strokes = []
    outlines: Strokes = []
    x = 0.0
    height = 0.0
    for index, word in enumerate(text.split(" ")):
        written, filled, advance = _word(word, hand, face, rng)
        if index in struck:
            written = written + strike(advance, rng)
        height = 0.6 * height + rng.normal(0, hand.baseline_wander) * 0.8
        size = np.exp(rng.normal(0, hand.size_jitter))
        lean = hand.slant + rng.normal(0, 0.025)
        tilt = rng.normal(0, 0.012)
        matrix = np.array([[1, -lean], [tilt, 1]], np.float32) * size
        shift = np.array([x, height], np.float32)
        strokes.extend(line @ matrix.T + shift for line in written)
        outlines.extend(line @ matrix.T + shift for line in filled)
        x += advance * size + space * hand.word_spacing * np.exp(rng.normal(0, 0.18))
    return strokes, outlines, x


def render_line(text: str, hand: Hand, rng: np.random.Generator, struck: Sequence[int] = ()) -> Ink:
    """Write one line of text, which must hold printable ASCII and no double spaces.

    Args:
        text: what is written, struck words included.
        hand: the writer.
        rng: what varies from line to line; equal state gives equal ink.
        struck: indices of the words (split at spaces) that are crossed out.

    Raises:
        ValueError: nothing is drawn (an empty text).
    """
    strokes, outlines, advance = _write(text, hand, rng, struck)
    lines = strokes + outlines
    if not lines:
        raise ValueError("render_line: the text is empty")
    every = warp(np.vstack(lines), rng, hand.elastic, 9.0)
    every[:, 1] += hand.baseline_slope * every[:, 0]
    factor = max(1, round(DRAWN_X_HEIGHT / hand.x_height))
    scale = hand.x_height * factor
    pen = hand.stroke * scale
    margin = int(np.ceil((hand.stroke + 0.15) * hand.x_height)) + 2
    low = np.floor(every.min(axis=0) * hand.x_height) - margin
    high = np.ceil(every.max(axis=0) * hand.x_height) + margin
    columns, rows = (high - low).astype(int)
    pixels = (every * scale - low * factor).astype(np.float32)
    cuts = np.cumsum([len(line) for line in lines])[:-1]
    placed = np.split(pixels, cuts)
    canvas = np.zeros((rows * factor, columns * factor), np.uint8)
    fill_outlines(canvas, placed[len(strokes) :], hand.weight * scale)
    draw_strokes(canvas, placed[: len(strokes)], pen, hand.pressure, rng)
    small = cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA)
    return Ink(
        alpha=np.asarray(small / 255, np.float32),
        baseline=int(-low[1]),
        origin=int(-low[0]),
        advance=advance * hand.x_height,
        x_height=hand.x_height,
        text=transcription(text, struck),
    )
