"""Pages of real lines, a writer's below one another: real pens with exact label maps, as near to
each other as one likes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.changes import turned
from bench.labelled import Labelled
from stages.segment.strokes import find_strokes
from training.evaluate import read_lines

Gray = NDArray[np.uint8]

PAPER, SHADE, NOISE = 245, 25.0, 6.0
# Brighter than the threshold between ink and paper, the edges of strokes are ink too.
EDGE, BRIGHTEST = 25, 200
MOST_TURNED = 3.0
# In letter heights: how far a line's place varies, and the margin round all.
WAVER, MARGIN = 0.08, 3.0


def stacked_pages(table: Path, apart: float) -> Iterator[Labelled]:
    """A page for each writer, turned by up to 3 degrees, with noise and shade.

    Args:
        table: as for `training.evaluate.read_lines`.
        apart: the lines' distance in letter heights.

    Raises:
        UserError: as `read_lines`.
    """
    read = read_lines(table)
    for number, writer in enumerate(sorted(set(read.groups))):
        own = [k for k, group in enumerate(read.groups) if group == writer]
        grays = (cv2.cvtColor(read.crops[k], cv2.COLOR_RGB2GRAY) for k in own)
        images = [np.asarray(gray, np.uint8) for gray in grays]
        generator = np.random.default_rng(number)
        yield stacked(writer, images, [read.texts[k] for k in own], apart, generator)


def stacked(
    name: str,
    images: Sequence[Gray],
    texts: Sequence[str],
    apart: float,
    generator: np.random.Generator,
) -> Labelled:
    """Lines (h, w) uint8, dark on white, on one page, in this order, `apart` letter heights apart.

    Every dark pixel of a line has its label, from 1: where two lines cross, the lower one's.
    """
    trimmed = [_trimmed(image) for image in images]
    letter = float(np.median([_letter_height(image) for image in trimmed]))
    margin, pitch = round(MARGIN * letter), apart * letter
    width = max(image.shape[1] for image in trimmed) + 3 * margin
    shape = round(2 * margin + pitch * len(trimmed)), width
    page, labels = np.full(shape, 255, np.uint8), np.zeros(shape, np.uint8)
    for number, image in enumerate(trimmed):
        middle = margin + pitch * (number + generator.normal(0, WAVER / apart))
        top = round(middle) - _fullest_row(image, letter)
        left = margin + int(generator.integers(0, margin))
        cut = image[max(0, -top) : shape[0] - top]
        place = slice(max(0, top), max(0, top) + len(cut)), slice(left, left + cut.shape[1])
        page[place] = np.minimum(page[place], cut)
        labels[place][_ink(cut)] = number + 1
    gray = page.astype(np.float64) * PAPER / 255 - np.linspace(0, SHADE, width)
    gray += generator.normal(0, NOISE, shape)
    region = np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    turn = turned(float(generator.uniform(-MOST_TURNED, MOST_TURNED)))
    return Labelled(name, region, labels, None, list(texts)).changed(turn)


def _ink(image: Gray) -> NDArray[np.bool_]:
    threshold, _ = cv2.threshold(image, 0, 255, cv2.THRESH_OTSU)
    ink: NDArray[np.bool_] = image < min(BRIGHTEST, threshold + EDGE)
    return ink


def _trimmed(image: Gray) -> Gray:
    rows, columns = (np.flatnonzero(_ink(image).any(axis=axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _letter_height(image: Gray) -> float:
    framed = np.pad(image, image.shape[0] // 2, constant_values=255)
    return find_strokes(np.repeat(framed[..., None], 3, axis=2), 1.0).height


def _fullest_row(image: Gray, letter: float) -> int:
    """The row through the middle of the letters' bodies."""
    profile: Any = _ink(image).sum(axis=1).astype(np.float32).reshape(-1, 1)
    return int(np.argmax(cv2.GaussianBlur(profile, (0, 0), letter / 3)))
