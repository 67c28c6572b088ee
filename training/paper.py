"""Ink on paper, ruled or not, as a scanner sees it."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.pen import Ink

Gray = NDArray[np.uint8]
Plane = NDArray[np.floating[Any]]


def paste(plane: Plane, ink: Ink, x: int, y: int) -> None:
    """Lay ink on a plane so that its pen start comes to column x, row y; outside is cut off."""
    top, left = y - ink.baseline, x - ink.origin
    height, width = ink.alpha.shape
    rows = slice(max(0, top), min(plane.shape[0], top + height))
    columns = slice(max(0, left), min(plane.shape[1], left + width))
    if rows.start < rows.stop and columns.start < columns.stop:
        part = ink.alpha[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        plane[rows, columns] = np.maximum(plane[rows, columns], part)


def rules(
    shape: tuple[int, int],
    row: float,
    pitch: float,
    rng: np.random.Generator,
    which: Sequence[int] = (-1, 0, 1),
) -> Plane:
    """Strength in [0, 1] of printed ruled lines.

    Args:
        row: where line 0 begins at the left edge.
        pitch: between two lines.
        which: the lines, counted from line 0.
    """
    height, width = shape
    plane = np.zeros(shape, np.float32)
    tilt = rng.normal(0, 0.003) * width
    thickness = int(rng.integers(1, 3))
    for k in which:
        start = (0, int((row + k * pitch) * 16))
        end = (width * 16, int((row + k * pitch + tilt) * 16))
        cv2.line(plane, start, end, 1.0, thickness, cv2.LINE_AA, 4)
    if rng.random() < 0.1:
        at = int(rng.integers(0, width))
        cv2.line(plane, (at, 0), (at, height), 1.0, thickness)
    return plane


def texture(shape: tuple[int, int], cell: float, rng: np.random.Generator) -> Plane:
    """Smooth noise (H, W) of unit variance and about `cell` pixels a grain."""
    rows, columns = (max(2, int(np.ceil(side / cell)) + 1) for side in shape)
    coarse = rng.standard_normal((rows, columns), np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR))


def scan(ink: Plane, ruled: Plane | None, rng: np.random.Generator) -> Gray:
    """Ink coverage on paper, as scanned: colour, grain, shading, blur, noise, compression."""
    shape = (ink.shape[0], ink.shape[1])
    pencil = rng.random() < 0.25
    if pencil:
        grain = texture(shape, rng.uniform(1.0, 2.0), rng)
        ink = ink * np.clip(rng.uniform(0.65, 1.0) + 0.25 * grain, 0, 1)
    if rng.random() < 0.5:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 1.1)))
    white = 255.0 if rng.random() < 0.4 else rng.uniform(185, 255)
    paper = np.full(shape, white, np.float32)
    if rng.random() < 0.5:
        paper += rng.uniform(1, 7) * texture(shape, rng.uniform(30, 300), rng)
    if ruled is not None:
        paper -= ruled * rng.uniform(15, 110)
    black = rng.uniform(50, 140) if pencil else max(0.0, rng.normal(45, 35))
    page = paper + (min(black, white - 90) - paper) * ink
    if rng.random() < 0.6:
        page += rng.uniform(1, 11) * rng.standard_normal(shape, np.float32)
    image = np.clip(page, 0, 255).astype(np.uint8)
    if rng.random() < 0.08:
        _, binary = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        image = np.asarray(binary, np.uint8)
    if rng.random() < 0.25:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))]
        coded = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE)
        image = np.asarray(coded, np.uint8)
    return image
