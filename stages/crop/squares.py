"""Squared paper made plain: its rules would join all letters, and hide the print from Tesseract."""

import cv2
import numpy as np

from stages.ink import Mask, bare_paper, find_components, page_scale, to_gray
from stages.pages.scans import Pixels

# Pixels at 200 dpi to both sides of one: how far the dark of a rule goes at most, and how far the
# rule wanders.
REACH, SLANT = 4, 1
# Grey levels by which rules are darker than the paper beside them.
CONTRAST = 10
# A look at some bands of the page tells most pages from squared ones.
BANDS = 8
BAND = 1 / 20
CROSSED = 0.7
MIN_RULES = 8
# Of a rule, in shares of the page's height: the least run, the widest gap, the least length.
RUN, GAP, LENGTH = 1 / 80, 1 / 30, 0.1
# Pixels this much darker than the rule are ink that crosses it.
INK = 25


def without_squares(pixels: Pixels) -> Pixels | None:
    """A page on plain paper; None where there is none but plain or ruled paper.

    Rules are thin, long and straight, and there are many of them each way. They are covered with
    paper, but not where a pen crossed them, which leaves darker pixels.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    gray = to_gray(pixels)
    turned = np.ascontiguousarray(gray.T)
    scale = page_scale(gray)
    levels = _rule_level(gray, scale), _rule_level(turned, scale)
    if levels[0] is None or levels[1] is None:
        return None
    rules = _rules(gray, levels[0], scale) | _rules(turned, levels[1], scale).T
    return np.where(rules[..., None], bare_paper(pixels), pixels)


def _rule_level(gray: Pixels, scale: float) -> float | None:
    """How grey the rules are that run down a page (H, W); None where hardly any do.

    They do where many run through a band of the page from edge to edge, in a third of the bands.
    """
    height = len(gray)
    tall = max(1, round(BAND * height))
    levels = []
    for top in np.linspace(0, max(0, height - tall), BANDS).astype(int):
        band = gray[top : top + tall]
        thin = _thin(band, scale)
        columns = _spread(thin, scale).mean(axis=0) > CROSSED
        if (columns[1:] & ~columns[:-1]).sum() >= MIN_RULES:
            levels.append(np.median(band[thin & columns]))
    return float(np.median(levels)) if 3 * len(levels) >= BANDS else None


def _thin(gray: Pixels, scale: float) -> Mask:
    """Where (H, W) pixels are darker than the paper at both sides."""
    wide = np.ones((1, 2 * round(REACH * scale) + 1), np.uint8)
    dark = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, wide) > CONTRAST
    return np.asarray(dark, dtype=np.bool_)


def _spread(mask: Mask, scale: float) -> Mask:
    """A mask and the pixels beside it, since a rule of a page that lies askew wanders."""
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((1, 2 * round(SLANT * scale) + 1), np.uint8))
    return np.asarray(wide > 0, dtype=np.bool_)


def _rules(gray: Pixels, level: float, scale: float) -> Mask:
    """The pixels of the rules that run down a page (H, W), without the ink that crosses them."""
    height = len(gray)
    run, gap = (np.ones((max(3, round(share * height)), 1), np.uint8) for share in (RUN, GAP))
    light = gray > level - INK
    runs = cv2.morphologyEx(
        _spread(_thin(gray, scale), scale).astype(np.uint8), cv2.MORPH_OPEN, run
    )
    lines = find_components(np.asarray(cv2.morphologyEx(runs, cv2.MORPH_CLOSE, gap)) > 0)
    return _spread(lines.mask(lines.height >= LENGTH * height), scale) & light
