"""Pages whose lines are known because they were drawn one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bench.matching import Matches, match
from stages.config.composition import load
from stages.config.settings import SegmentSettings
from stages.segment.crops import segmentations
from stages.segment.segmentation import Segmentation

FONT = cv2.FONT_HERSHEY_COMPLEX
PAPER = 245


@dataclass
class Written:
    """A region (H, W, 3) and the label map (H, W) of what was written on it."""

    region: np.ndarray
    labels: np.ndarray

    @classmethod
    def blank(cls, height: int = 600, width: int = 1100) -> "Written":
        region = np.full((height, width, 3), PAPER, np.uint8)
        return cls(region, np.zeros((height, width), np.uint8))

    def write(
        self, text: str, at: tuple[int, int], line: int, size: float = 1.2, slope: float = 0.0
    ) -> "Written":
        """Write `text` from the baseline's start `at` (x, y) as part of line number `line`."""
        ink = np.zeros(self.labels.shape, np.uint8)
        cv2.putText(ink, text, at, FONT, size, 255, 2, cv2.LINE_AA)
        shear = np.array([[1, 0, 0], [slope, 1, -slope * at[0]]], np.float64)
        ink = np.asarray(cv2.warpAffine(ink, shear, ink.shape[::-1]))
        self.labels[ink > 100] = line
        dark = (PAPER - 225.0 * ink[..., None] / 255).astype(np.uint8)
        self.region = np.minimum(self.region, dark)
        return self


def essay(count: int, pitch: int = 70, slope: float = 0.0, width: int = 1100) -> Written:
    """`count` lines of different words, the last one short."""
    words = [
        "many",
        "people",
        "say",
        "that",
        "young",
        "girls",
        "play",
        "in",
        "quiet",
        "fields",
        "beyond",
        "my",
        "dusty",
        "house",
    ]
    page = Written.blank(max(120, pitch * (count + 1) + round(abs(slope) * width)), width)
    start = pitch + round(max(0.0, -slope) * width)
    for number in range(count):
        some = [words[(number * 5 + k) % len(words)] for k in range(6)]
        text = " ".join(some if number < count - 1 or count == 1 else some[:2])
        page.write(text, (40, start + number * pitch), number + 1, slope=slope)
    return page


def settings(*overrides: str) -> SegmentSettings:
    return load(["segment=seams", *overrides]).segment


def find(region: np.ndarray, *overrides: str) -> Segmentation:
    """The lines of the first threshold."""
    return segmentations(region, settings(*overrides))[0]


def score(page: Written, found: Segmentation, at: float = 0.95) -> Matches:
    return match(page.labels, found.territory, at)


def all_found(page: Written, found: Segmentation, at: float = 0.95) -> bool:
    """Whether every line is found, and nothing else."""
    matches = score(page, found, at)
    return matches.matched == matches.labelled == found.count


def lines_of(found: Segmentation, page: Written) -> Sequence[int]:
    """For each labelled line, in order, the found line that holds most of it."""
    return [
        int(np.bincount(found.territory[page.labels == line]).argmax())
        for line in range(1, int(page.labels.max()) + 1)
    ]


def bars(slope: float, pitch: int, count: int = 6, short: int = 880) -> np.ndarray:
    """Rows of short upright strokes, 20 pixels high, along sloping lines, of which every other one
    ends before column `short`."""
    mask = np.zeros((pitch * (count + 1) + 200, 900), bool)
    for line in range(count):
        for column in range(20, short if line % 2 else 880, 9):
            top = round(100 + pitch * line + slope * column)
            mask[top : top + 20, column : column + 3] = True
    return mask
