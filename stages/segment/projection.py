"""Lines by horizontal projection: rows whose ink passes a fraction of the fullest row's.

The notebook's method (its `preprocess_for_lines` and `segment_lines`), after the classic
projection profile: Likforman-Sulem, Zahour and Taconet, "Text line segmentation of historical
documents: a survey", IJDAR 9 (2007), section 4.1.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.config.settings import ProjectionSettings
from stages.ink import Mask, find_components
from stages.pages.scans import Pixels
from stages.segment.segmentation import LineMap, Segmentation
from stages.segment.strokes import letter_height
from stages.upright_rules import find_upright_rules, without_upright_rules

CLOSE_ROWS = 3
MARGIN_ROWS = 2


def find_ink(region: Pixels) -> Mask:
    """Pixels darker than their neighbourhood: bilateral filter, then adaptive threshold.

    Args:
        region: (H, W, 3) uint8 RGB.

    Returns:
        (H, W) bool, true on ink.
    """
    gray = cv2.cvtColor(region, cv2.COLOR_RGB2GRAY)
    smooth = cv2.bilateralFilter(gray, 7, 50, 50)
    paper = cv2.adaptiveThreshold(
        smooth, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 35, 15
    )
    return np.asarray(paper == 0)


def row_profile(ink: Mask, smooth: int) -> NDArray[np.float32]:
    """Ink pixels per row, blurred over `smooth` rows (odd; 1 leaves them as they are).

    Returns:
        (H,) float32.
    """
    rows = ink.sum(axis=1, dtype=np.float32).reshape(-1, 1)
    return np.asarray(cv2.GaussianBlur(rows, (1, smooth), 0), dtype=np.float32).reshape(-1)


def find_rows(
    profile: NDArray[np.float32], threshold: float, min_height: int
) -> list[tuple[int, int]]:
    """Runs of rows over `threshold` times the profile's maximum, top to bottom.

    Gaps shorter than three rows are closed, a margin of two rows is added on either side, and
    runs lower than `min_height` rows are dropped.

    Returns:
        Half-open (top, bottom) pairs in rows of the profile.
    """
    if profile.max(initial=0) <= 0:
        return []
    above = (profile > profile.max() * threshold).astype(np.uint8).reshape(-1, 1)
    closed = cv2.morphologyEx(above, cv2.MORPH_CLOSE, np.ones((CLOSE_ROWS, 1), np.uint8))
    steps = np.diff(np.pad(np.asarray(closed).reshape(-1).astype(np.int8), 1))
    tops = np.maximum(np.flatnonzero(steps == 1) - MARGIN_ROWS, 0)
    bottoms = np.minimum(np.flatnonzero(steps == -1) + MARGIN_ROWS, len(profile))
    pairs = zip(tops.tolist(), bottoms.tolist(), strict=True)
    return [(top, bottom) for top, bottom in pairs if bottom - top >= min_height]


def find_bands(
    region: Pixels, thresholds: Sequence[float], settings: ProjectionSettings
) -> Iterator[Segmentation]:
    """The lines at each threshold: level bands over the region's whole width.

    Args:
        region: (H, W, 3) uint8 RGB.
    """
    ink = find_ink(region)
    height = letter_height(find_components(ink))
    upright = find_upright_rules(ink, height)
    if upright.any():
        ink = without_upright_rules(ink, upright, height)
        height = letter_height(find_components(ink))
    profile = row_profile(ink, settings.smooth)
    for threshold in thresholds:
        rows = find_rows(profile, threshold, settings.min_height)
        territory: LineMap = np.zeros(ink.shape, np.uint16)
        centres = np.zeros((len(rows), ink.shape[1]))
        for number, (top, bottom) in enumerate(rows, 1):
            territory[top:bottom] = number
            weights = profile[top:bottom]
            centres[number - 1] = np.average(np.arange(top, bottom), weights=weights)
        yield Segmentation(territory, ink, upright, centres, rows, height)
