"""Changes to a region after which the same lines should be found in it."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.pages.scans import Pixels

Labels = NDArray[np.uint8]
Change = Callable[[Pixels, Labels], tuple[Pixels, Labels]]

NOISE = 14.0
RULE_GRAY = 150
FAN = 0.03
KEPT = 0.2


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


CHANGES: dict[str, Change] = {
    "turned+2": turned(2),
    "turned-2": turned(-2),
    "half": scaled(0.5),
    "double": scaled(2),
    "fanned": fanned,
    "noisy": noisy,
    "ruled": ruled,
    "shortened": shortened,
}
