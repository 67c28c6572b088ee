"""Ruled lines, which a search for written lines must not see."""

import cv2
import numpy as np

from stages.ink import Mask

# Of the region's width: no stroke of a pen runs level so far, but for an underline.
LENGTH = 0.1
MEND = 7


def find_rules(ink: Mask, slope: float) -> Mask:
    """Where (H, W) ink is a ruled line, and a pixel round it: straight runs along the slope.

    Args:
        slope: of the written lines, down per right; rules have it too.
    """
    height, width = ink.shape
    level = np.array([[1, 0, 0], [-slope, 1, max(0.0, slope * width)]], np.float64)
    size = (width, height + int(np.ceil(abs(slope) * width)) + 1)
    upright = cv2.warpAffine(ink.astype(np.uint8), level, size, flags=cv2.INTER_NEAREST)
    run = np.ones((1, int(LENGTH * width) | 1), np.uint8)
    runs = cv2.dilate(cv2.morphologyEx(upright, cv2.MORPH_OPEN, run), np.ones((5, 3), np.uint8))
    back = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(runs, level, (width, height), flags=back) > 0)


def without_rules(ink: Mask, rules: Mask) -> Mask:
    """The ink without its rules, letters that they crossed mended by a closing over their rows."""
    if not rules.any():
        return ink
    clean = (ink & ~rules).astype(np.uint8)
    mended = np.asarray(cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((MEND, 1), np.uint8)))
    return (clean > 0) | ((mended > 0) & rules)
