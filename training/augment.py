"""Line crops made a little different, so that a few dozen of them teach more than themselves."""

import cv2
import numpy as np

from stages.pages.scans import Pixels


def augment(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """The crop (H, W, 3) uint8 turned, slanted, stretched, shifted, blurred, and lit otherwise.

    What is written stays whole: the crop grows where the distortion needs room, filled with the
    median colour.
    """
    height, width = crop.shape[:2]
    paper = [float(value) for value in np.median(crop, axis=(0, 1))]
    turn, slant = rng.normal(0, 0.006), rng.normal(0, 0.08)
    wide, high = np.exp(rng.normal(0, [0.06, 0.04]))
    matrix = np.array([[wide, -slant], [turn, high]])
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ matrix.T
    margin = rng.uniform(0, 0.12, 4) * height
    low, high_corner = corners.min(axis=0) - margin[:2], corners.max(axis=0) + margin[2:]
    size = np.ceil(high_corner - low).astype(int)
    warped = cv2.warpAffine(
        crop,
        np.hstack([matrix, -low[:, None]]),
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=paper,
    )
    if rng.random() < 0.3:
        warped = cv2.GaussianBlur(warped, (0, 0), rng.uniform(0.3, 1.0))
    light = warped.astype(np.float32) * rng.uniform(0.8, 1.1) + rng.uniform(-15, 15)
    light += rng.uniform(0, 6) * rng.standard_normal(light.shape, np.float32)
    lit: Pixels = np.clip(light, 0, 255).astype(np.uint8)
    return lit
