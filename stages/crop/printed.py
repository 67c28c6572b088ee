"""Print told from handwriting by its letters, before any of it is read."""

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.ink import Components, Mask, paper
from stages.pages.scans import Pixels
from stages.upright_rules import find_upright_rules, without_rules, without_upright_rules

MIN_AREA = 12
LEVEL_SHARE = 0.7
TALL = 2.0
HALO = 2
READING_HEIGHT = 26.0


def letter_height(components: Components) -> float:
    """The height of the print's tall letters, in pixels, on a page whose baselines are level.

    Printed letters stand on their baselines to the pixel, so the components that share the row of
    their bottom with most others are print: the 90th percentile of their heights. 0 on a page
    without ink.
    """
    solid = components.area >= MIN_AREA
    if not solid.any():
        return 0.0
    counts = np.bincount(components.bottom[solid])
    shared = np.convolve(counts, [1, 1, 1], "full")[components.bottom[solid] + 1]
    level = shared >= np.quantile(shared, LEVEL_SHARE)
    return float(np.quantile(components.height[solid][level], 0.9))


def reading_scale(letters: float) -> float:
    """The scale at which Tesseract should see a page: tall letters of about 26 pixels.

    1 where the letters are not far from that, and 2 at most.
    """
    scale = READING_HEIGHT / letters if letters > 0 else 1.0
    return 1.0 if 0.9 < scale < 1.25 else min(scale, 2.0)


def without_frames(ink: Mask, components: Components, letters: float) -> tuple[Mask, Mask]:
    """(H, W) ink without margin lines and frames, the letters that they cross mended, and where
    these are: rules that run down the page, and the level ones that hang together with them.

    Args:
        components: of the ink.
        letters: the height of the print's tall letters, in pixels.
    """
    upright = find_upright_rules(ink, letters)
    if not upright.any():
        return ink, upright
    clean = without_upright_rules(ink, upright, letters)
    level = find_upright_rules(clean.T, letters).T & components.mask(_tall(components, letters))
    return without_rules(clean, level, letters), upright | level


def _tall(components: Components, letters: float) -> NDArray[np.bool_]:
    return components.height > TALL * letters


def hide_tall_ink(gray: Pixels, components: Components, letters: float, rules: Mask) -> Pixels:
    """The page, (H, W) uint8, without the strokes that are twice as tall as printed letters.

    Handwriting close under a printed sentence, or a frame round it, makes Tesseract's layout
    analysis lose that sentence.

    Args:
        letters: the height of the print's tall letters, in pixels.
        rules: (H, W), hidden too, but for the components that they cross.
    """
    tall = _tall(components, letters)
    around = np.ones((2 * HALO + 1, 2 * HALO + 1), np.uint8)
    hidden, ruled = (
        np.asarray(cv2.dilate(mask.astype(np.uint8), around)) > 0
        for mask in (components.mask(tall), rules)
    )
    return np.where(hidden | (ruled & ~components.mask(~tall)), paper(gray), gray)
