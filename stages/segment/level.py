"""The slope and the distance of a region's lines, and the level frame in which they are sought."""

from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.ink import Mask

Rows = NDArray[np.float64]
Plane = NDArray[np.float32]
Coordinate = TypeVar("Coordinate", float, Rows)

STEEPEST = 0.08
COARSE, FINE = 33, 11
POINTS = 40_000
# A line distance is one of at least this share of the best correlation.
GOOD_PEAK = 0.7
# ... and of this share of the correlation at no distance, which one line alone does not reach.
LEAST_PEAK = 0.2
NEAREST, FARTHEST = 0.7, 8.0
# A half or a third of a distance, if at least so many letters, within this share of it, is the
# distance where its peak rises so far, in shares of the best, over the valleys beside it.
PART_NEAREST, PART_OFF, PART_RISE = 1.3, 0.15, 0.03
# In letters: as near as this, rows count by what the fullest of them holds, at least by a share of
# the fullest of all.
EVEN_REACH, EVEN_LEAST = 1.4, 0.05
LONE_LINE = 2.0
# Pixels of a line distance in the frame: enough to part lines, few enough to be fast.
FRAME_PITCH = 36.0


def left_edges(ink: Mask) -> Mask:
    """Where strokes begin from the left: as many pixels for a thick pen as for a thin one."""
    edges = ink.copy()
    edges[:, 1:] &= ~ink[:, :-1]
    return edges


def row_profile(x: Rows, y: Rows, slope: float, height: float) -> Rows:
    """How many points lie on each row after levelling by `slope`, smoothed over a third of
    `height`; rows are counted from the uppermost point."""
    rows = (y - slope * x).astype(np.int64)
    counts: Any = np.bincount(rows - rows.min()).astype(np.float32).reshape(-1, 1)
    smooth = cv2.GaussianBlur(counts, (1, 2 * int(height / 3) + 1), 0)
    return np.asarray(smooth, np.float64).reshape(-1)


def stroke_points(ink: Mask) -> tuple[Rows, Rows]:
    """Columns and rows of the ink's left edges."""
    y, x = np.nonzero(left_edges(ink))
    return x.astype(np.float64), y.astype(np.float64)


def find_slope(ink: Mask, height: float) -> float:
    """The slope (down per right) that gives the row profile the largest energy.

    The criterion of W. Postl, "Detection of linear oblique structures and skew scan in digitized
    documents", ICPR 1986, over slopes of at most STEEPEST, coarse to fine.

    Args:
        ink: (H, W).
        height: of the letters, pixels.

    Returns:
        In [-STEEPEST, STEEPEST]; 0 without ink.
    """
    x, y = stroke_points(ink)
    if not len(x):
        return 0.0
    stride = len(x) // POINTS + 1
    x, y = x[::stride], y[::stride]

    def energy(slope: float) -> float:
        return float((row_profile(x, y, slope, height) ** 2).sum())

    best = max(np.linspace(-STEEPEST, STEEPEST, COARSE), key=energy)
    reach = 2 * STEEPEST / (COARSE - 1)
    fine = max(np.linspace(best - reach, best + reach, FINE), key=energy)
    return float(np.clip(fine, -STEEPEST, STEEPEST))


def find_pitch(ink: Mask, slope: float, height: float) -> float:
    """The distance of neighbouring lines in pixels: the first good peak of the row profile's
    autocorrelation; twice the letters' height where there is none.

    Lines of a word count as much as full ones. Where they stand between full ones, these may still
    give the better peak, at two or three distances: then it is the peak at that part of it.

    Args:
        ink: (H, W), not blank.
        slope: of the lines, height: of the letters in pixels.
    """
    profile = _evened(row_profile(*stroke_points(ink), slope, height), height)
    # Without empty rows round it, the outer lines would correlate at any distance.
    profile = np.pad(profile, max(len(profile) // 4, int(2 * height)))
    profile = profile - profile.mean()
    count = len(profile)
    spectrum = np.fft.rfft(profile, 2 * count)
    correlation = np.fft.irfft(spectrum * np.conj(spectrum))[:count]
    lags = np.arange(max(1, int(NEAREST * height)), min(int(FARTHEST * height), count - 2))
    here = correlation[lags]
    peaks = lags[(here > correlation[lags - 1]) & (here >= correlation[lags + 1])]
    high = peaks[correlation[peaks] > LEAST_PEAK * correlation[0]]
    if not len(high):
        return LONE_LINE * height
    best = int(high[correlation[high] >= GOOD_PEAK * correlation[high].max()][0])
    parts = [
        peak
        for peak in peaks[peaks >= PART_NEAREST * height].tolist()
        if any(abs(part * peak - best) < PART_OFF * best for part in (2, 3))
        and _rise(correlation[:best], peak) > PART_RISE
    ]
    return float(max(parts, key=lambda peak: correlation[peak], default=best))


def _evened(profile: Rows, height: float) -> Rows:
    """A row profile in shares of the fullest rows near by."""
    reach = 2 * int(EVEN_REACH * height) + 1
    rows = profile.astype(np.float32).reshape(-1, 1)
    fullest = cv2.GaussianBlur(cv2.dilate(rows, np.ones((reach, 1), np.uint8)), (1, reach), 0)
    even: Rows = profile / np.maximum(fullest.reshape(-1), EVEN_LEAST * profile.max())
    return even


def _rise(correlation: Rows, peak: int) -> float:
    """How far a peak rises over the higher of the valleys on both its sides, as a share of the
    correlation at the end."""
    valley = max(correlation[:peak].min(), correlation[peak:].min())
    return float((correlation[peak] - valley) / correlation[-1])


@dataclass(frozen=True)
class Frame:
    """A region levelled and made smaller: row v of column u shows the region's row
    (v + 0.5) / scale - 0.5 - offset + slope * x at x = (u + 0.5) / scale - 0.5."""

    slope: float
    offset: float
    scale: float
    shape: tuple[int, int]
    region_shape: tuple[int, int]

    @classmethod
    def fit(cls, shape: tuple[int, int], slope: float, pitch: float) -> "Frame":
        """The frame for a region of `shape` (H, W) with lines of this slope and distance."""
        height, width = shape
        scale = min(1.0, FRAME_PITCH / pitch)
        offset = max(0.0, slope * width)
        rows, columns = (height + abs(slope) * width + 1) * scale, width * scale
        return cls(slope, offset, scale, (int(np.ceil(rows)), int(np.ceil(columns))), shape)

    def show(self, mask: Mask) -> Plane:
        """A mask of the region in the frame: coverage in [0, 1]."""
        height, width = self.region_shape
        rows = int(np.ceil(height + abs(self.slope) * width)) + 1
        shear = np.array([[1, 0, 0], [-self.slope, 1, self.offset]], np.float64)
        level = cv2.warpAffine(mask.astype(np.float32), shear, (width, rows))
        size = (self.shape[1], self.shape[0])
        return np.asarray(cv2.resize(level, size, interpolation=cv2.INTER_AREA), np.float32)

    def to_region(self, curves: Rows) -> Rows:
        """Curves (n, columns of the frame) of rows as (n, W) rows of the region."""
        x = np.arange(self.region_shape[1])
        u = (x + 0.5) * self.scale - 0.5
        own = np.arange(self.shape[1])
        rows = np.array([np.interp(u, own, curve) for curve in curves]).reshape(len(curves), len(x))
        level: Rows = (rows + 0.5) / self.scale - 0.5 - self.offset + self.slope * x
        return level

    def to_frame(self, x: Coordinate, y: Coordinate) -> tuple[Coordinate, Coordinate]:
        """Where the frame shows the region's point (x, y), or each of its points."""
        row = y - self.slope * x + self.offset
        return (x + 0.5) * self.scale - 0.5, (row + 0.5) * self.scale - 0.5
