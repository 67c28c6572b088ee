"""What a pen does between the letters' shapes and the paper: distort, join, strike out, draw.

Shapes are in x-heights (y down, baseline at y = 0), drawing is in pixels.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from training.glyphs import Points

Strokes = list[Points]

WAVES = 6
CHUNK = 4
SHIFT = 4
# Of a hand in the greatest haste: how far its corners are rounded, in x-heights, and how much lower
# a word ends than it begins.
ROUNDED = 0.12
TRAILING = 0.5
LEAST_SIGMA = 0.1
STRIKE_STYLES = ("line", "double", "zigzag", "scribble", "wave")


def warp(points: Points, rng: np.random.Generator, amplitude: float, longest: float) -> Points:
    """Shift points (N, 2) smoothly by sums of plane waves of 0.7 to `longest` x-heights."""
    wavelength = np.exp(rng.uniform(np.log(0.7), np.log(longest), (WAVES, 1)))
    angle = rng.uniform(0, np.pi, (WAVES, 1))
    direction = np.hstack([np.cos(angle), np.sin(angle)]) * 2 * np.pi / wavelength
    phase = points @ direction.T.astype(np.float32) + rng.uniform(0, 2 * np.pi, WAVES)
    strength = rng.normal(0, amplitude / np.sqrt(WAVES) * 1.4, (WAVES, 2))
    strength *= np.minimum(wavelength, 2.0)
    moved: Points = (points + np.sin(phase) @ strength).astype(np.float32)
    return moved


def affine(rng: np.random.Generator, strength: float) -> tuple[NDArray[np.float32], Points]:
    """A small random turn, shear, stretch (2, 2) and shift (2,), to apply as points @ m.T + s."""
    turn, shear, wide, high, dx, dy = rng.normal(0, strength, 6)
    matrix = np.array([[1 + wide, shear - turn], [turn, 1 + high]], np.float32)
    return matrix, np.array([dx, dy], np.float32)


def in_proportion(points: Points, ascender: float, descender: float) -> Points:
    """Points (N, 2) with what rises above the x-height and what falls below the baseline longer by
    these factors."""
    x, y = points.T
    above, below = np.minimum(y + 1, 0), np.maximum(y, 0)
    moved = y + above * (ascender - 1) + below * (descender - 1)
    stretched: Points = np.stack([x, moved], axis=1).astype(np.float32)
    return stretched


def rounded(line: Points, haste: float) -> Points:
    """A centre line (N, 2) as a pen in haste follows it: corners cut, small turns flattened.

    The ends of an open one stay, so that what hangs together does so still.

    Args:
        line: N at least 2; a closed one ends where it begins.
        haste: from 0, a careful pen, to 1.
    """
    step = float(np.linalg.norm(np.diff(line, axis=0), axis=1).mean())
    sigma = haste * ROUNDED / max(step, 1e-3)
    if sigma < LEAST_SIGMA:
        return line
    if np.array_equal(line[0], line[-1]):
        ring: Points = gaussian_filter1d(line[:-1], sigma, axis=0, mode="wrap")
        return np.vstack([ring, ring[:1]])
    soft = gaussian_filter1d(line, sigma, axis=0, mode="nearest")
    along = np.linspace(0, 1, len(line), dtype=np.float32)[:, None]
    curve: Points = soft + (1 - along) * (line[0] - soft[0]) + along * (line[-1] - soft[-1])
    return curve


def trailing(strokes: Strokes, advance: float, haste: float) -> Strokes:
    """A word's strokes, lower and lower towards its end at x = `advance`; haste is from 0 to 1."""
    if haste == 0:
        return strokes
    rate = haste * TRAILING / max(advance, 2.0)
    return [
        np.stack([x, y * (1 - rate * np.clip(x, 0, advance))], axis=1).astype(np.float32)
        for x, y in (line.T for line in strokes)
    ]


def _ends(strokes: Sequence[Points], low: float, high: float) -> Points:
    ends = np.array([end for line in strokes for end in (line[0], line[-1])], np.float32)
    ends = ends.reshape(-1, 2)
    return ends[(ends[:, 1] > low) & (ends[:, 1] < high)]


def joining(left: Sequence[Points], right: Sequence[Points]) -> Strokes:
    """A curve from where one letter leaves off to where the next one begins, if they are near."""
    leaving, entering = _ends(left, -0.7, 0.25), _ends(right, -1.2, 0.2)
    if not len(leaving) or not len(entering):
        return []
    start, end = leaving[leaving[:, 0].argmax()], entering[entering[:, 0].argmin()]
    if not 0.05 < end[0] - start[0] < 0.9:
        return []
    control = np.array([(start[0] + end[0]) / 2, max(start[1], end[1]) + 0.08], np.float32)
    t = np.linspace(0, 1, 9, dtype=np.float32)[:, None]
    return [(1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end]


def strike(width: float, rng: np.random.Generator) -> Strokes:
    """Strokes that cross out a word which begins at x = 0."""
    style = STRIKE_STYLES[rng.integers(len(STRIKE_STYLES))]
    tilt = rng.normal(0, 0.08)
    middle = -0.5 + rng.normal(0, 0.1)
    along = np.linspace(-0.15, width + 0.1, max(8, int(width * 8)), dtype=np.float32)
    rows: list[Points] = [middle + tilt * (along - width / 2)]
    if style == "double":
        rows.append(rows[0] + rng.uniform(0.2, 0.4))
    elif style in ("zigzag", "scribble"):
        rate = rng.uniform(1.5, 3) if style == "zigzag" else rng.uniform(3, 6)
        along = np.linspace(0, width, max(12, int(width * rate * 2)), dtype=np.float32)
        rows = [middle + 0.55 * np.where(np.arange(len(along)) % 2, 1, -1) * _noise(along, rng)]
    elif style == "wave":
        rows = [middle + 0.25 * np.sin(along * rng.uniform(3, 7))]
    return [np.stack([along, row], axis=1).astype(np.float32) for row in rows]


def _noise(along: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    noise: NDArray[np.float32] = rng.uniform(0.6, 1.2, len(along)).astype(np.float32)
    return noise


def _offset(contour: Points, distance: float, orientation: float) -> Points:
    """Move a closed contour (N, 2) outwards along its normals."""
    tangent = np.roll(contour, -1, axis=0) - np.roll(contour, 1, axis=0)
    length = np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / length
    moved: Points = contour + orientation * distance * normal
    return moved


def draw_strokes(
    canvas: NDArray[np.uint8],
    strokes: Strokes,
    width: float,
    pressure: float,
    rng: np.random.Generator,
) -> None:
    """Draw polylines (pixels) with a pen of `width` pixels whose width and ink vary."""
    rate = rng.uniform(0.6, 2.5) / (10 * width)
    phase = rng.uniform(0, 6.3, 3)
    down_stroke = pressure * rng.uniform(0, 0.5)
    pieces, starts, stops = [], [], []
    for line in strokes:
        fixed = np.round(line * (1 << SHIFT)).astype(np.int32)
        for start in range(0, max(1, len(line) - 1), CHUNK):
            pieces.append(fixed[start : start + CHUNK + 1])
            starts.append(line[start])
            stops.append(line[min(start + CHUNK, len(line) - 1)])
    if not pieces:
        return
    x, y = np.array(starts).T
    across, down = np.abs(np.array(stops) - np.array(starts)).T
    steep = down / (across + down + 1e-3)
    wave = np.sin(x * rate + phase[0]) + np.sin(x * rate * 3.1 + y * rate + phase[1])
    factor = 1 + pressure * 0.2 * wave + down_stroke * (steep - 0.5)
    thickness = np.maximum(1, np.round(width * factor)).astype(int)
    level = np.clip(255 * (1 - pressure * (0.18 + 0.14 * wave)), 90, 255).astype(int) // 16 * 16
    groups: dict[tuple[int, int], list[NDArray[np.int32]]] = {}
    for key, piece in zip(
        zip(level.tolist(), thickness.tolist(), strict=True), pieces, strict=True
    ):
        groups.setdefault(key, []).append(piece)
    for (ink, pen), lines in sorted(groups.items(), key=lambda item: item[0]):
        cv2.polylines(canvas, lines, False, (ink + 15,), pen, cv2.LINE_8, SHIFT)


def fill_outlines(canvas: NDArray[np.uint8], outlines: Strokes, weight: float) -> None:
    """Fill closed contours (pixels), made bolder by `weight` pixels; holes stay open."""
    signs = [cv2.contourArea(contour, oriented=True) for contour in outlines]
    orientation = 1.0 if sum(signs) > 0 else -1.0
    contours = [
        np.round(_offset(contour, weight, orientation) * (1 << SHIFT)).astype(np.int32)
        for contour in outlines
    ]
    outer = [c for c, sign in zip(contours, signs, strict=True) if sign * orientation > 0]
    holes = [c for c, sign in zip(contours, signs, strict=True) if sign * orientation <= 0]
    for contour in outer:
        cv2.fillPoly(canvas, [contour], (255,), cv2.LINE_8, SHIFT)
    for contour in holes:
        cv2.fillPoly(canvas, [contour], (0,), cv2.LINE_8, SHIFT)
