"""The upright page, whose pixels all records speak of, out of a scan."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

from stages.pages.records import Layout, Point
from stages.pages.scans import Pixels


def upright_page(scan: Pixels, layout: Layout) -> Pixels:
    """The page that a layout speaks of, out of its scan, (H, W, 3) uint8."""
    flat = rectify(scan, layout.outline) if layout.outline else scan
    return rotate(flat, layout.rotation_degrees)


def rectify(scan: Pixels, outline: list[Point]) -> Pixels:
    """The sheet of a photo as if it had been scanned: its outline made a rectangle.

    Args:
        scan: (H, W, 3) uint8.
        outline: the sheet's corners in scan pixels, clockwise from the top left.

    Returns:
        (h, w, 3) uint8; w and h are the longer of two opposite sides each.
    """
    matrix, size = rectification(outline)
    flat = cv2.warpPerspective(
        scan, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, dtype=np.uint8)


def rectification(outline: list[Point]) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map from scan pixels to the flat sheet's, used by `rectify`.

    Returns:
        The (3, 3) homography that takes (x, y, 1) of the scan there, and the sheet's
        (width, height).
    """
    corners = np.array(outline, np.float32)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = (max(1, round(float(max(sides[k], sides[k + 2])))) for k in (0, 1))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(matrix, dtype=np.float64), (width, height)


def rotate(pixels: Pixels, degrees: float) -> Pixels:
    """A page turned counter-clockwise about its centre, on a canvas that holds all of it.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        degrees: the angle; 0 gives the page back as it is, and quarter turns keep every pixel.

    Returns:
        (H', W') or (H', W', 3) uint8; what lay outside the scan is filled with the page's median.
    """
    quarters = round(degrees / 90)
    degrees -= 90 * quarters
    if quarters % 4:
        pixels = np.ascontiguousarray(np.rot90(pixels, quarters))
    if degrees == 0:
        return pixels
    matrix, (width, height) = rotation(pixels.shape[1], pixels.shape[0], degrees)
    paper = ImageStat.Stat(Image.fromarray(pixels)).median
    turned = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper
    )
    return np.asarray(turned, dtype=np.uint8)


def rotation(
    width: int, height: int, degrees: float
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map from scan to page pixels used by `rotate`.

    Returns:
        The (2, 3) affine matrix that takes (x, y, 1) of the scan to page pixels, and the page's
        (width, height).
    """
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width = int(np.ceil(height * sin + width * cos - 1e-9))
    new_height = int(np.ceil(height * cos + width * sin - 1e-9))
    matrix[:, 2] += np.array([(new_width - width) / 2, (new_height - height) / 2])
    return np.asarray(matrix, dtype=np.float64), (new_width, new_height)
