"""Ink on uneven paper, and its connected components."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.pages.scans import Pixels

CONTRAST = 0.8
PAPER_WINDOW = 41
PAPER_SCALE = 4
PAGE = 1654

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Components:
    """Connected components of a mask: one entry each, in pixels; boxes are half open.

    `labels` has the mask's shape: 0 is background, k + 1 the k-th entry of the other arrays.
    """

    labels: NDArray[np.int32]
    left: NDArray[np.int32]
    top: NDArray[np.int32]
    right: NDArray[np.int32]
    bottom: NDArray[np.int32]
    area: NDArray[np.int32]

    @property
    def height(self) -> NDArray[np.int32]:
        return self.bottom - self.top

    def mask(self, chosen: Mask) -> Mask:
        """The pixels of the chosen components; `chosen` has one entry per component."""
        return np.concatenate([[False], chosen])[self.labels]


def to_gray(pixels: Pixels) -> Pixels:
    """The brightness of (H, W, 3) uint8 RGB pixels, (H, W) uint8."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def paper(gray: Pixels) -> Pixels:
    """The brightness of the paper under the ink, (H, W) uint8: a wide running median."""
    height, width = gray.shape
    small = cv2.resize(
        gray,
        (max(1, width // PAPER_SCALE), max(1, height // PAPER_SCALE)),
        interpolation=cv2.INTER_AREA,
    )
    smooth = cv2.medianBlur(small, PAPER_WINDOW)
    return np.asarray(cv2.resize(smooth, (width, height)), dtype=np.uint8)


def page_scale(gray: Pixels) -> float:
    """How many times as many pixels across as A4 at 200 dpi a page (H, W) has, at least 1."""
    return float(max(1.0, min(gray.shape) / PAGE))


def find_ink(gray: Pixels) -> Mask:
    """Where (H, W) uint8 pixels are clearly darker than the paper round them: below 80 % of it."""
    smooth = cv2.GaussianBlur(gray, (3, 3), 0).astype(np.float32)
    return np.asarray(smooth < CONTRAST * paper(gray).astype(np.float32), dtype=np.bool_)


def find_components(mask: Mask) -> Components:
    """The 8-connected components of a mask, in raster order of their first pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    left, top, width, height, area = np.asarray(stats[1:], dtype=np.int32).T
    return Components(
        np.asarray(labels, dtype=np.int32), left, top, left + width, top + height, area
    )


def cover(pixels: Pixels, mask: Mask) -> Pixels:
    """A copy of (H, W, 3) uint8 pixels with paper, as it is round about, where `mask` is true."""
    if not mask.any():
        return pixels.copy()
    return np.where(mask[..., None], bare_paper(pixels), pixels)


def bare_paper(pixels: Pixels) -> Pixels:
    """The paper under (H, W, 3) uint8 pixels, each channel by itself."""
    channels = [paper(np.ascontiguousarray(pixels[..., channel])) for channel in range(3)]
    return np.stack(channels, axis=-1)
