"""Rules that run down a page, margin lines and the sides of frames, and the letters they cross."""

import cv2
import numpy as np

from stages.ink import Mask, find_components

# Of the letters' height: the least run of a rule, the widest gap in it, its least length; how often
# it is as long as wide.
RUN, GAP, LEAST_LENGTH = 2.0, 0.5, 6.0
SLENDER = 8
# Of the letters' height, what a rule may hide of one, and pixels, if that is less.
MEND, LEAST_MEND = 0.24, 7


def find_upright_rules(ink: Mask, letters: float) -> Mask:
    """Where (H, W) ink is a margin line or a side of a frame, and a pixel beside it: straight down
    over several written lines, a little leaning or with gaps too.

    Args:
        letters: their height in pixels.
    """
    run, gap = (np.ones((max(3, round(share * letters)), 1), np.uint8) for share in (RUN, GAP))
    beside = np.ones((1, 3), np.uint8)
    runs = cv2.morphologyEx(cv2.dilate(ink.astype(np.uint8), beside), cv2.MORPH_OPEN, run)
    lines = find_components(np.asarray(cv2.morphologyEx(runs, cv2.MORPH_CLOSE, gap)) > 0)
    slender = SLENDER * (lines.right - lines.left) <= lines.height
    return lines.mask(slender & (lines.height >= LEAST_LENGTH * letters))


def without_upright_rules(ink: Mask, rules: Mask, letters: float) -> Mask:
    """As `without_rules`, of rules that run down the page."""
    return without_rules(ink.T, rules.T, letters).T


def without_rules(ink: Mask, rules: Mask, letters: float) -> Mask:
    """The ink without its rules, letters that they crossed mended by a closing across them.

    Args:
        letters: their height in pixels.
    """
    if not rules.any():
        return ink
    clean = (ink & ~rules).astype(np.uint8)
    across = np.ones((max(LEAST_MEND, round(MEND * letters) | 1), 1), np.uint8)
    mended = np.asarray(cv2.morphologyEx(clean, cv2.MORPH_CLOSE, across))
    return (clean > 0) | ((mended > 0) & rules)
