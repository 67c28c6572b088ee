"""From rows of a region to line records and their crops, each distinct crop once."""

import hashlib

import numpy as np

from stages.config import SegmentSettings
from stages.errors import PageError
from stages.pages import Pixels
from stages.records import Box, Candidate, Line
from stages.segment.projection import Mask, find_ink, find_rows, row_profile

TIGHT_MARGIN = 6


def segment_region(
    region: Pixels, origin: tuple[int, int], settings: SegmentSettings
) -> tuple[list[Candidate], dict[str, Pixels]]:
    """Every candidate segmentation of a region, and the distinct crops they show.

    Args:
        region: (H, W, 3) uint8 RGB.
        origin: (left, top) of the region in page pixels.
        settings: method, thresholds and crop width.

    Returns:
        One candidate a threshold, in the order given; crops by name, (h, w, 3) uint8 each.

    Raises:
        PageError: no threshold finds a line.
    """
    ink = find_ink(region)
    profile = row_profile(ink, settings.smooth)
    candidates, crops = [], {}
    for threshold in settings.thresholds:
        lines = []
        for top, bottom in find_rows(profile, threshold, settings.min_height):
            left, right = _columns(ink[top:bottom], settings.width)
            crop = region[top:bottom, left:right]
            name = crop_name(crop)
            crops[name] = crop
            box = Box(
                left=origin[0] + left,
                top=origin[1] + top,
                right=origin[0] + right,
                bottom=origin[1] + bottom,
            )
            lines.append(Line(box=box, crop=name, ink=int(ink[top:bottom, left:right].sum())))
        name = f"{settings.method}@{threshold:g}"
        candidates.append(Candidate(name=name, threshold=threshold, lines=lines))
    if not crops:
        raise PageError("no handwritten line was found at any threshold")
    return candidates, crops


def _columns(ink: Mask, width: str) -> tuple[int, int]:
    inked = np.flatnonzero(ink.any(axis=0))
    if width == "page" or not len(inked):
        return 0, ink.shape[1]
    return max(0, int(inked[0]) - TIGHT_MARGIN), min(
        ink.shape[1], int(inked[-1]) + TIGHT_MARGIN + 1
    )


def crop_name(crop: Pixels) -> str:
    """A name that equal pixels share: 16 hexadecimal digits of the SHA-256 of shape and bytes."""
    digest = hashlib.sha256(repr(crop.shape).encode())
    digest.update(np.ascontiguousarray(crop).tobytes())
    return digest.hexdigest()[:16]
