"""Paper and scanner: what lies behind the ink, and what the scan adds to it."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

WHITE = 248.0
RULE_COVERAGE = 0.55
RULE_GREY = 170.0
GRAIN_PIXELS = 1.1
LEVEL_STEP = 8


def sheet(height: int, width: int, shading: float, rng: np.random.Generator) -> Pixels:
    """Unevenly lit paper, (height, width) grey levels in [WHITE - shading, WHITE]."""
    coarse = rng.normal(0, 0.35, (4, 3)).astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    coarse += np.linspace(0, np.sin(turn), 4, dtype=np.float32)[:, None]
    coarse += np.linspace(0, np.cos(turn), 3, dtype=np.float32)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = float(smooth.min()), float(smooth.max())
    return np.asarray(WHITE - shading * (smooth - low) / (high - low), dtype=np.float32)


def rules(height: int, width: int, baselines: list[float], left: float, right: float) -> Pixels:
    """Coverage (height, width) of printed rules just below the given baselines."""
    coverage = np.zeros((height, width), np.float32)
    thickness = max(1, round(width / 900))
    for baseline in baselines:
        row = round(baseline) + 2
        coverage[row : row + thickness, round(left) : round(right)] = RULE_COVERAGE
    return coverage


def grainy(coverage: Pixels, grain: float, rng: np.random.Generator) -> Pixels:
    """Ink (h, w) that misses the hollows of the paper: pencil for grain 1, unchanged for 0."""
    if grain == 0:
        return coverage
    hollows = rng.normal(0, 1, coverage.shape).astype(np.float32)
    hollows = cv2.GaussianBlur(hollows, (0, 0), GRAIN_PIXELS) * 2 * GRAIN_PIXELS
    kept = np.clip(1 - grain * (0.25 + 0.45 * hollows), 0.15, 1)
    return np.asarray(coverage * kept, dtype=np.float32)


def add_specks(pixels: Pixels, count: int, rng: np.random.Generator) -> None:
    """Draw `count` specks of dirt, 1 to 4 pixels wide, into (H, W) or (H, W, 3) in place."""
    height, width = pixels.shape[:2]
    for _ in range(count):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        grey = float(rng.uniform(30, 150))
        cv2.circle(pixels, centre, int(rng.integers(1, 3)), (grey, grey, grey), -1, cv2.LINE_AA)


def scan(pixels: Pixels, noise: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The sheet, (H, W) or (H, W, 3) grey levels, through the optics and the sensor.

    The levels are LEVEL_STEP apart, so that the noise costs little in a PNG.
    """
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.6)
    sensor = rng.standard_normal(pixels.shape[:2], dtype=np.float32) * np.float32(noise)
    noisy = soft + (sensor if pixels.ndim == 2 else sensor[:, :, None])
    levels = np.round(noisy / LEVEL_STEP) * LEVEL_STEP
    return np.asarray(np.clip(levels, 0, 255), dtype=np.uint8)
