"""How far a page is turned, from the print's baselines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.ink import Components

COARSE_STEP = 0.05
FINE_STEP = 0.01
MIN_AREA = 12
MIN_LETTERS = 40


def find_skew(components: Components, max_degrees: float) -> float:
    """The angle for `stages.pages.upright.rotate` that sets the print's baselines level.

    The bottoms of letter-sized components are projected at every angle; where most fall into few
    rows, the baselines are level (H. S. Baird, "The skew angle of printed documents", 1987: the
    sum of squared counts). Letters of print share their baselines to the pixel and handwriting
    does not, so it is the print that decides.

    Returns:
        Degrees counter-clockwise within +-max_degrees, in hundredths; 0 where the page holds too
        few letters to tell.
    """
    points = _letter_bottoms(components)
    if max_degrees == 0 or len(points) < MIN_LETTERS:
        return 0.0
    steps = round(max_degrees / COARSE_STEP)
    coarse = _best(points, np.arange(-steps, steps + 1) * COARSE_STEP)
    fine = FINE_STEP * (round(coarse / FINE_STEP) + np.arange(-10, 11))
    best = _best(points, fine[np.abs(fine) <= max_degrees + 1e-9])
    return round(best, 2) + 0.0


def _letter_bottoms(components: Components) -> NDArray[np.float64]:
    height = components.height
    solid = components.area >= MIN_AREA
    if not solid.any():
        return np.empty((0, 2))
    typical = np.median(height[solid])
    letters = solid & (height >= 0.5 * typical) & (height <= 2.5 * typical)
    centre = (components.left + components.right) / 2
    return np.stack([centre, components.bottom], axis=1)[letters]


def _best(points: NDArray[np.float64], degrees: NDArray[np.floating[Any]]) -> float:
    """The angle with the most concentrated projection; of equals the one nearest to 0."""
    scores = [_concentration(points, angle) for angle in degrees]
    return float(min(zip(scores, degrees, strict=True), key=lambda s: (-s[0], abs(s[1])))[1])


def _concentration(points: NDArray[np.float64], degrees: float) -> int:
    angle = np.deg2rad(degrees)
    rows = np.rint(points[:, 1] * np.cos(angle) - points[:, 0] * np.sin(angle)).astype(np.int64)
    counts = np.bincount(rows - rows.min())
    return int((counts**2).sum() + 2 * (counts[1:] * counts[:-1]).sum())
