"""The pen's ink in a region, its slope, and the height of the letters that it draws."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.ink import Components, Mask, find_components, paper, to_gray
from stages.pages.scans import Pixels
from stages.segment.level import LONE_LINE, find_pitch, find_slope
from stages.segment.ruling import find_black_edges, find_rules
from stages.upright_rules import find_upright_rules, without_rules, without_upright_rules

# Windows and specks are meant for letters of this height, and grow with the letters.
LETTER = 30.0
WINDOW = 51
SPECK = 6
GRAIN = 0.7
LARGEST = 5.0
# Faint ink is ink if it hangs together with certain ink.
CERTAIN, FAINT = 0.2, 0.08
DYNAMIC_RANGE = 128.0
WHITE = 235.0
# Lower components are dots and fragments, and say nothing of the letters' height.
FRAGMENT = 0.25
# Dots are smaller than this share of a letter's square, and as near as this to a letter.
DOT, LONELY = 0.06, 1.0


@dataclass(frozen=True)
class Strokes:
    """Ink without specks and ruled lines, and the rules that run down the page.

    Attributes:
        ink, upright_rules: (H, W).
        components: of the ink.
        height: of the letters, pixels.
        slope: of the lines, down per right.
    """

    ink: Mask
    upright_rules: Mask
    components: Components
    height: float
    slope: float


def flatten(gray: Pixels) -> NDArray[np.float32]:
    """(H, W) gray divided by the paper's brightness under it: paper is 255 everywhere."""
    smooth = cv2.GaussianBlur(gray, (0, 0), GRAIN).astype(np.float32)
    lit = smooth * (255 / np.maximum(paper(gray), 1).astype(np.float32))
    return np.minimum(lit, 255)


def sauvola(flat: NDArray[np.float32], window: int, sensitivity: float) -> Mask:
    """Ink by a threshold from the mean and the deviation in a square window.

    J. Sauvola and M. Pietikainen, "Adaptive document image binarization", Pattern Recognition 33
    (2000), equation 5.

    Args:
        flat: (H, W) in [0, 255], ink dark.
        window: side in pixels, odd.
        sensitivity: Sauvola's k: how much darker than the mean ink is where nothing varies.
    """
    size = (window, window)
    mean = cv2.boxFilter(flat, cv2.CV_32F, size, borderType=cv2.BORDER_REFLECT)
    square = cv2.sqrBoxFilter(flat, cv2.CV_32F, size, borderType=cv2.BORDER_REFLECT)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0))
    limit = mean * (1 + sensitivity * (deviation / DYNAMIC_RANGE - 1))
    return np.asarray((flat < limit) & (flat < WHITE))


def letter_height(components: Components) -> float:
    """The median height of the components, 0 without any; dots and fragments left out.

    What counts as a fragment is measured by the median with large components weighing more, so
    that neither many specks nor a blot, nor letters joined over several lines, decide alone.
    """
    if not len(components.area):
        return 0.0
    order = np.argsort(components.height, kind="stable")
    weight = np.cumsum((components.right - components.left + components.height)[order])
    half = np.searchsorted(weight, weight[-1] / 2)
    middle = components.height[order[half]]
    return float(np.median(components.height[components.height >= FRAGMENT * middle]))


def without_dirt(components: Components, height: float) -> Mask:
    """The ink of the components, less the dots that are nowhere near a letter.

    Args:
        height: of the letters, pixels.
    """
    dots = components.area < DOT * height**2
    letters = components.mask(~dots)
    far = cv2.distanceTransform((~letters).astype(np.uint8), cv2.DIST_L2, 3)
    middle_y = (components.top + components.bottom) // 2
    middle_x = (components.left + components.right) // 2
    return components.mask(~(dots & (far[middle_y, middle_x] > LONELY * height)))


def _strokes(gray: Pixels, flat: NDArray[np.float32], scale: float) -> Strokes:
    window = 2 * round(scale * WINDOW / 2) + 1
    certain, faint = (sauvola(flat, window, k) for k in (CERTAIN, FAINT))
    letters = scale * LETTER
    slope = find_slope(without_rules(certain, find_rules(certain, 0.0), letters), letters)
    # Rules are level on an upright page, and have the writing's slope on any other.
    for direction in (0.0, slope):
        faint = without_rules(faint, find_rules(faint, direction), letters)
    parts = find_components(faint)
    found = np.bincount(parts.labels[certain], minlength=len(parts.area) + 1)[1:] > 0
    ink = parts.mask(found & (parts.area >= SPECK * scale**2))
    components = find_components(ink)
    height = letter_height(components)
    upright = find_upright_rules(faint, height) | find_black_edges(gray, height)
    if upright.any():
        components = find_components(without_upright_rules(ink, upright, height))
        height = letter_height(components)
    clean = without_dirt(components, height)
    return Strokes(clean, upright, find_components(clean), height, slope)


def find_strokes(region: Pixels, scale: float = 1.0) -> Strokes:
    """The ink of a region (H, W, 3) uint8 RGB, by windows that fit its letters.

    Args:
        scale: multiplies the letters' height as measured, which is the unit of all that follows.
    """
    gray = to_gray(region)
    flat = flatten(gray)
    strokes = _strokes(gray, flat, 1.0)
    if strokes.height > 2 * LETTER:
        strokes = _strokes(gray, flat, min(strokes.height / LETTER, LARGEST))
    return replace(strokes, height=unjoined_height(strokes) * scale)


def unjoined_height(strokes: Strokes) -> float:
    """The letters' height in pixels, if letters hang together over several lines too.

    Then components are higher than the lines are apart, as it shows when these are sought from a
    smaller distance on; the letters are half as high as that.
    """
    if strokes.height < 1 or not strokes.ink.any():
        return strokes.height
    pitch = find_pitch(strokes.ink, strokes.slope, strokes.height / 2)
    return pitch / LONE_LINE if pitch < strokes.height else strokes.height
