"""Lines that stand below one another, as the segment stage cuts them out of their page."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from stages.config.composition import load
from stages.config.settings import SegmentSettings
from stages.segment.crops import cut_lines, segmentations
from stages.segment.segmentation import LineMap
from training.paper import Gray, Plane, paste, rules, scan
from training.pen import Ink

# Ink on a page is a line's where it covers so much of the paper.
COVERED = 0.3
# The share of the ink of a written and a found line together that they must have in common.
MATCH = 0.85


@cache
def _settings() -> SegmentSettings:
    return load(["segment=seams"]).segment


def lay(
    inks: Sequence[Ink], pitch: float, rng: np.random.Generator
) -> tuple[Plane, NDArray[np.uint8]]:
    """Lines on a page, `pitch` pixels apart: the coverage by ink (H, W) in [0, 1], and the line of
    each inked pixel from 1, 0 for none."""
    x = inks[0].x_height
    top = max(ink.baseline for ink in inks) + x
    bottom = max(ink.alpha.shape[0] - ink.baseline for ink in inks) + x
    left = max(ink.origin for ink in inks) + x
    right = max(ink.alpha.shape[1] - ink.origin for ink in inks) + 5 * x
    shape = int(top + (len(inks) - 1) * pitch + bottom), int(left + right)
    coverage, lines = np.zeros(shape, np.float32), np.zeros(shape, np.uint8)
    for k, ink in enumerate(inks):
        plane = np.zeros(shape, np.float32)
        indent = rng.exponential(0.5) * x
        row = top + (k + rng.normal(0, 0.05)) * pitch
        paste(plane, ink, int(left + min(indent, 4 * x)), int(row))
        lines[(plane > coverage) & (plane > COVERED)] = k + 1
        np.maximum(coverage, plane, out=coverage)
    return coverage, lines


def cut_page(inks: Sequence[Ink], rng: np.random.Generator) -> dict[int, Gray]:
    """The crops of those lines, by their index, that the segment stage finds on a page of all.

    Args:
        inks: written by one hand, top to bottom.
        rng: of the page, and of the crops' margin.
    """
    pitch = rng.uniform(2.2, 4.2) * inks[0].x_height
    coverage, lines = lay(inks, pitch, rng)
    if not lines.any():  # a pen too fine to cover a pixel
        return {}
    ruled = None
    if rng.random() < 0.25:
        foot = np.nonzero(lines == lines[lines > 0].min())[0].max()
        row = float(foot + rng.normal(-0.3, 0.2) * pitch)
        ruled = rules(coverage.shape, row, pitch, rng, range(-1, len(inks) + 1))
    region = np.repeat(scan(coverage, ruled, rng)[..., None], 3, axis=2)
    settings = _settings()
    crop = settings.crop.model_copy(update={"margin": rng.uniform(0.05, 0.5)})
    settings = settings.model_copy(update={"crop": crop})
    for found in segmentations(region, settings):
        owners = matching(lines, found.territory)
        cuts = enumerate(cut_lines(region, (0, 0), found, settings), 1)
        return {owners[number]: image[..., 0] for number, (_, image) in cuts if number in owners}
    return {}


def matching(lines: NDArray[np.uint8], territory: LineMap) -> dict[int, int]:
    """Of found lines, by number from 1, the index from 0 of the written line that each one is.

    Args:
        lines: (H, W), as `lay` gives them; territory: (H, W), the found line of each pixel.
    """
    written = lines > 0
    one, other = lines[written].astype(np.int64), territory[written].astype(np.int64)
    rows, columns = int(one.max()) + 1, int(other.max()) + 1
    common = np.bincount(one * columns + other, minlength=rows * columns).reshape(rows, columns)
    union = common.sum(axis=1)[:, None] + common.sum(axis=0)[None] - common
    pairs = np.argwhere(common >= MATCH * np.maximum(union, 1))
    return {int(found): int(line) - 1 for line, found in pairs if line and found}
