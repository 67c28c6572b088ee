"""Ruled lines, which a search for written lines must not see, nor a crop show if it is so set, and
the black beside a page, which no crop shows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.ink import Mask, find_components
from stages.pages.scans import Pixels
from stages.upright_rules import LEAST_LENGTH

# Of the region's width: no stroke of a pen runs level so far, but for an underline.
LENGTH = 0.1
# Grey levels: what a pixel of ink counts for at most, and by how much a pale rule is darker than
# the rows so many pixels above and below it, on the average over so much of the region's width.
MOST, DARKER = 30.0, 3.0
BESIDE = 5
PALE_LENGTH = 0.2
# Darker than this share of the paper is what is no page.
BLACK = 0.5


def _level(shape: tuple[int, int], slope: float) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """How a region (H, W) is sheared so that lines of this slope are level, and its size then."""
    height, width = shape
    matrix = np.array([[1, 0, 0], [-slope, 1, max(0.0, slope * width)]], np.float64)
    return matrix, (width, height + int(np.ceil(abs(slope) * width)) + 1)


def find_rules(ink: Mask, slope: float) -> Mask:
    """Where (H, W) ink is a ruled line, and a pixel round it: straight runs along the slope.

    Args:
        slope: of the written lines, down per right; rules have it too.
    """
    height, width = ink.shape
    matrix, size = _level((height, width), slope)
    upright = cv2.warpAffine(ink.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    run = np.ones((1, int(LENGTH * width) | 1), np.uint8)
    runs = cv2.dilate(cv2.morphologyEx(upright, cv2.MORPH_OPEN, run), np.ones((5, 3), np.uint8))
    back = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(runs, matrix, (width, height), flags=back) > 0)


def find_pale_rules(flat: NDArray[np.float32], slope: float) -> Mask:
    """Where (H, W) a ruled line runs, however pale: rows along the slope that are darker than those
    beside them over a long way.

    Args:
        flat: (H, W) in [0, 255], paper 255.
        slope: of the rules, down per right.
    """
    height, width = flat.shape
    matrix, size = _level((height, width), slope)
    dark = cv2.warpAffine(np.minimum(255 - flat, np.float32(MOST)), matrix, size)
    mean = np.asarray(cv2.blur(dark, (int(PALE_LENGTH * width) | 1, 1)))
    row = np.arange(len(mean))
    above, below = (mean[np.clip(row + way, 0, row[-1])] for way in (-BESIDE, BESIDE))
    rules = (mean - np.maximum(above, below) > DARKER).astype(np.uint8)
    back = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    wide = cv2.dilate(rules, np.ones((3, 1), np.uint8))
    return np.asarray(cv2.warpAffine(wide, matrix, (width, height), flags=back) > 0)


def find_black_edges(gray: Pixels, letters: float) -> Mask:
    """Where a region (H, W) uint8 shows what a scanner saw beside the page, and half a letter next
    to it: dark from side to side, at the left or the right, over several written lines.

    Args:
        letters: their height in pixels.
    """
    width = gray.shape[1]
    side, dark = round(letters), gray < BLACK * np.median(gray[::4, ::4])
    if max(dark[:, :side].sum(), dark[:, width - side :].sum()) < LEAST_LENGTH * letters:
        return np.zeros(gray.shape, np.bool_)
    parts = find_components(dark)
    edge = (parts.left < side) | (parts.right > width - side)
    edges = parts.mask(edge & (parts.height >= LEAST_LENGTH * letters)).astype(np.uint8)
    return np.asarray(cv2.dilate(edges, np.ones((1, side | 1), np.uint8))) > 0
