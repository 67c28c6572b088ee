"""Changes to a region after which the same lines should be found in it."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from stages.pages.scans import Pixels

Labels = NDArray[np.uint8]
Change = Callable[[Pixels, Labels], tuple[Pixels, Labels]]

NOISE = 14.0
RULE_GRAY = 150
FAN = 0.03
KEPT = 0.2
LEAN = 0.3
FRAME_GRAY = 40
LID, LID_GRAY = 40, 25


def turned(degrees: float) -> Change:
    """Turned about its middle, on a region high enough to hold it."""

    def change(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
        height, width = labels.shape
        more = int(abs(np.sin(np.radians(degrees))) * width) + 5
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        matrix[1, 2] += more
        size = width, height + 2 * more
        paper = [float(value) for value in np.median(region, axis=(0, 1))]
        shown: Any = cv2.warpAffine(region, matrix, size, borderValue=paper)
        return shown, np.asarray(cv2.warpAffine(labels, matrix, size, flags=cv2.INTER_NEAREST))

    return change


def scaled(factor: float) -> Change:
    """Resampled."""

    def change(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
        size = round(labels.shape[1] * factor), round(labels.shape[0] * factor)
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        shown: Any = cv2.resize(region, size, interpolation=way)
        return shown, np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST))

    return change


def fanned(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """With lines that fall at the top and rise at the bottom, by FAN to the right."""
    height, width = labels.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rows = (y + FAN * (2 * y / height - 1) * (x - width / 2)).astype(np.float32)
    edge = cv2.BORDER_REPLICATE
    shown: Any = cv2.remap(region, x, rows, cv2.INTER_LINEAR, borderMode=edge)
    return shown, np.asarray(cv2.remap(labels, x, rows, cv2.INTER_NEAREST, borderMode=edge))


def noisy(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """With Gaussian noise of 14 grey levels."""
    noise = np.random.default_rng(0).normal(0, NOISE, labels.shape)[..., None]
    return np.clip(region + noise, 0, 255).astype(np.uint8), labels


def ruled(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """With level lines two pixels thick, as far apart as the written ones."""
    numbers = np.unique(labels[labels > 0])
    rows = [float(np.median(np.nonzero(labels == number)[0])) for number in numbers]
    pitch = int(np.median(np.diff(rows))) if len(rows) > 1 else 80
    shown = region.copy()
    for row in range(pitch // 2, len(shown), pitch):
        shown[row : row + 2] = np.minimum(shown[row : row + 2], RULE_GRAY)
    return shown, labels


def shortened(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """With the first fifth of every other line alone."""
    shown, left = region.copy(), labels.copy()
    paper = np.median(region, axis=(0, 1))
    for number in np.unique(labels[labels > 0])[1::2]:
        x = np.nonzero(labels == number)[1]
        gone = labels == number
        gone[:, : round(x.min() + KEPT * np.ptp(x)) + 1] = False
        left[gone] = 0
        round_it = cv2.dilate(gone.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        shown[round_it & (left == 0)] = paper
    return shown, left


def margined(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """With a margin line three pixels wide that leans a little and crosses the first letters."""
    return _with_upright(region, labels, 0.02, 3, RULE_GRAY), labels


def framed(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """In a frame of black lines two pixels wide, whose right side crosses the last letters."""
    x = np.nonzero(labels)[1]
    left, right = max(0, int(x.min()) - 12), int(np.quantile(x, 0.998))
    shown = region.copy()
    cv2.rectangle(shown, (left, 2), (right, len(shown) - 3), (FRAME_GRAY,) * 3, 2)
    return shown, labels


def edged(region: Pixels, labels: Labels) -> tuple[Pixels, Labels]:
    """With the black of a scanner's lid at both sides, its edge not quite straight."""
    height, width = labels.shape
    rng = np.random.default_rng(0)
    wander = gaussian_filter1d(rng.normal(0, 20, (height, 2)), 40, axis=0)
    columns = np.arange(width)
    left = LID / 2 + wander[:, :1] > columns
    right = LID + wander[:, 1:] > width - 1 - columns
    return np.where((left | right)[..., None], np.uint8(LID_GRAY), region), labels


def _with_upright(region: Pixels, labels: Labels, share: float, thick: int, gray: int) -> Pixels:
    """With a line from top to bottom, left of which is that share of the ink."""
    height, lean = len(region), round(np.tan(np.radians(LEAN)) * len(region))
    x = int(np.quantile(np.nonzero(labels)[1], share))
    shown = np.full_like(region, 255)
    cv2.line(shown, (x + lean, 0), (x, height), (gray,) * 3, thick, cv2.LINE_AA)
    return np.minimum(region, shown)


CHANGES: dict[str, Change] = {
    "turned+2": turned(2),
    "turned-2": turned(-2),
    "half": scaled(0.5),
    "double": scaled(2),
    "fanned": fanned,
    "noisy": noisy,
    "ruled": ruled,
    "shortened": shortened,
    "margined": margined,
    "framed": framed,
    "edged": edged,
}
