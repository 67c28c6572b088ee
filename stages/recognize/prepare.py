"""A line crop as a checkpoint expects it, before its own processor resizes it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.config.settings import RecognizeSettings

Crop = NDArray[np.uint8]


def prepare(crop: Crop, settings: RecognizeSettings) -> Crop:
    """An RGB crop (h, w, 3) after all that the settings ask for before the processor."""
    crop = enlarge(crop, settings.min_height)
    if settings.grayscale:
        crop = to_gray(crop)
    return pad_to_aspect(crop, settings.pad_to_aspect)


def enlarge(crop: Crop, min_height: int) -> Crop:
    """A lower crop enlarged to `min_height` pixels by cubic interpolation, as the notebook did.

    Args:
        crop: (h, w) or (h, w, 3) uint8.
    """
    if crop.shape[0] >= min_height:
        return crop
    scale = min_height / crop.shape[0]
    enlarged: Any = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(enlarged, dtype=np.uint8)


def to_gray(crop: Crop) -> Crop:
    """An RGB crop (h, w, 3) without its colours, in three equal channels."""
    return np.repeat(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.uint8)


def slanted(crop: Crop, slant: float) -> Crop:
    """A crop sheared about its middle row, widened with its paper so that nothing is cut off.

    Args:
        crop: (h, w, 3) uint8.
        slant: columns to the right a row down: writing that leans to the right is set upright by
            a positive one.

    Returns:
        (h, w + 2 * margin, 3) uint8, margin the columns that the outer rows are moved by.
    """
    height, width, _ = crop.shape
    margin = int(np.ceil(abs(slant) * height / 2))
    shear = np.array([[1, slant, margin - slant * (height - 1) / 2], [0, 1, 0]], np.float64)
    paper = np.median(crop, axis=(0, 1)).tolist()
    size = (width + 2 * margin, height)
    return np.asarray(cv2.warpAffine(crop, shear, size, borderValue=paper), dtype=np.uint8)


def pad_to_aspect(crop: Crop, aspect: float) -> Crop:
    """A crop widened on its right with its paper colour, the median of each channel.

    A processor squashes every crop to one shape: without padding, short lines are stretched.

    Args:
        crop: (h, w) or (h, w, 3) uint8; returned as it is when it is wide enough.
        aspect: the least width over height of the result.

    Returns:
        The crop, at least round(h * aspect) wide.
    """
    missing = round(crop.shape[0] * aspect) - crop.shape[1]
    if missing <= 0:
        return crop
    paper = np.median(crop, axis=(0, 1)).astype(np.uint8)
    margin = np.broadcast_to(paper, (crop.shape[0], missing, *crop.shape[2:]))
    return np.concatenate([crop, margin], axis=1)
