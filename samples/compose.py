"""One sample page and its exact truth: print, handwriting, paper and scan put together."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samples import frame, paper
from samples.answers import Answer, transcribe
from samples.frame import MARGIN, REFERENCE_WIDTH
from samples.style import Style
from samples.writing import Patch, Writing, write
from stages.pages.records import Transcription

A4 = 1.414
PRINT_GREY = 28.0
INK_THRESHOLD = 0.3
WRITING_GAP = 70
RULE_EXTRA = 1.0

Coverage = NDArray[np.float32]


@dataclass(frozen=True)
class SamplePage:
    """A scanned sheet and what is on it.

    Attributes:
        pixels: the scan, uint8 (H, W), or (H, W, 3) RGB where the ink is coloured.
        label_map: uint8 (H, W) in scan pixels: 0 = none, k = ink of handwritten line k (from 1).
        print_mask: bool (H, W) in scan pixels: printed ink.
        region: (top, bottom) rows between the band sentence and the comment's heading, on the
            sheet before it was turned by `skew_degrees` about its centre.
        skew_degrees: counter-clockwise turn of the sheet; turning the scan by its negative makes
            it upright.
        pitch: the distance of the handwritten lines in x-heights.
        transcription: what a person would type.
    """

    pixels: NDArray[np.uint8]
    label_map: NDArray[np.uint8]
    print_mask: NDArray[np.bool_]
    region: tuple[int, int]
    skew_degrees: float
    pitch: float
    transcription: Transcription


def _turned(patch: Patch, turn: NDArray[np.float64], height: int, width: int) -> Coverage:
    """A patch on the whole sheet, (height, width), after the turn (2, 3)."""
    place = turn.copy()
    place[:, 2] += turn[:, :2] @ np.array([patch.left, patch.top], np.float64)
    turned = cv2.warpAffine(patch.coverage, place, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, dtype=np.float32)


def _lay(
    writing: Writing, turn: NDArray[np.float64], height: int, width: int
) -> tuple[Coverage, NDArray[np.uint8]]:
    """All lines' ink on the sheet: coverage and label map; shared pixels go to the darker line."""
    coverage = np.zeros((height, width), np.float32)
    labels = np.zeros((height, width), np.uint8)
    for number, line in enumerate(writing.lines, start=1):
        for patch in line.patches:
            turned = _turned(patch, turn, height, width)
            labels[(turned > coverage) & (turned >= INK_THRESHOLD)] = number
            np.maximum(coverage, turned, out=coverage)
    return coverage, labels


def _rules(writing: Writing, height: int, width: int) -> Coverage:
    scale = width / REFERENCE_WIDTH
    first, last = writing.lines[0].baseline, writing.lines[-1].baseline
    baselines = list(np.arange(first, last + (RULE_EXTRA + 0.5) * writing.pitch, writing.pitch))
    return paper.rules(height, width, baselines, 0.7 * MARGIN * scale, width - 0.7 * MARGIN * scale)


def _ink_over(pixels: Coverage, coverage: Coverage, ink: tuple[float, ...]) -> Coverage:
    """Lay ink (one level per channel) on pixels (H, W, C)."""
    alpha = coverage[:, :, None]
    return pixels * (1 - alpha) + np.array(ink, np.float32) * alpha


def compose(answer: Answer, style: Style, rng: np.random.Generator) -> SamplePage:
    """Make a page: `answer` says what stands on it, `style` how it looks, `rng` the rest.

    The sheet has A4's proportions, and is longer where the answer needs it.

    Raises:
        UserError: the answer's markup is not closed.
    """
    width = style.page_width
    scale = width / REFERENCE_WIDTH
    printed, region_top = frame.head(answer, style)
    margin = MARGIN * scale
    top = region_top + WRITING_GAP * scale
    writing = write(answer.lines, style, rng, left=margin, width=width - 2 * margin, top=top)
    region_bottom = writing.bottom + WRITING_GAP * scale
    below, end = frame.foot(answer, style, region_bottom)
    height = max(round(A4 * width), round(end + frame.TOP * scale))

    centre = ((width - 1) / 2, (height - 1) / 2)
    turn = np.asarray(cv2.getRotationMatrix2D(centre, style.skew_degrees, 1.0), np.float64)
    print_ink = _turned(
        Patch(frame.draw(printed + below, height, width), 0, 0), turn, height, width
    )
    hand_ink, label_map = _lay(writing, turn, height, width)

    coloured = len(set(style.ink)) > 1 and style.ink[2] - style.ink[0] > 20
    ink = style.ink if coloured else style.ink[:1]
    pixels = np.repeat(paper.sheet(height, width, style.shading, rng)[:, :, None], len(ink), axis=2)
    if style.ruled:
        ruled = _turned(Patch(_rules(writing, height, width), 0, 0), turn, height, width)
        pixels = _ink_over(pixels, ruled, (paper.RULE_GREY,) * len(ink))
    pixels = _ink_over(pixels, paper.grainy(hand_ink, style.grain, rng), ink)
    pixels = _ink_over(pixels, print_ink, (PRINT_GREY,) * len(ink))
    pixels = np.ascontiguousarray(pixels if coloured else pixels[:, :, 0])
    paper.add_specks(pixels, style.specks, rng)

    return SamplePage(
        pixels=paper.scan(pixels, style.noise, rng),
        label_map=label_map,
        print_mask=print_ink >= INK_THRESHOLD,
        region=(round(region_top), round(region_bottom)),
        skew_degrees=style.skew_degrees,
        pitch=style.pitch,
        transcription=transcribe(answer, style.curly),
    )
