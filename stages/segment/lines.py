"""A region's written lines by seams: from ink to the line of every pixel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.config.settings import SeamSettings
from stages.errors import PageError
from stages.ink import Mask
from stages.segment.assign import assign, spread
from stages.segment.level import Frame, Plane, Rows, find_pitch, left_edges
from stages.segment.middles import find_middles
from stages.segment.seams import find_seams
from stages.segment.seeds import (
    Chain,
    extend,
    find_chains,
    link,
    ridges,
    without_fragments,
    without_insertions,
)
from stages.segment.segmentation import LineMap, Segmentation, inked_lines
from stages.segment.strays import insertions, short_lines
from stages.segment.strokes import Strokes

INK_BLUR = 1.0
# A page has some thirty lines, which show as fewer than a hundred parts.
MOST_PARTS, MOST_LINES = 500, 150
# Pitches from a line's middle, beyond which nothing is part of it: a page number, a stray mark.
REACH = 1.2


@dataclass(frozen=True)
class Page:
    """What is known of a region before its lines: strokes, line distance, the level frame, and
    in it the ink and the density of strokes."""

    strokes: Strokes
    pitch: float
    frame: Frame
    ink: Plane
    density: Plane


def look(strokes: Strokes) -> Page | None:
    """Measure a region's strokes; None where there is no writing."""
    if strokes.height < 1 or not strokes.ink.any():
        return None
    pitch = find_pitch(strokes.ink, strokes.slope, strokes.height)
    frame = Frame.fit((strokes.ink.shape[0], strokes.ink.shape[1]), strokes.slope, pitch)
    ink = cv2.GaussianBlur(frame.show(strokes.ink), (0, 0), INK_BLUR)
    density = frame.show(left_edges(strokes.ink))
    return Page(strokes, pitch, frame, np.asarray(ink, np.float32), density)


def find_seeds(page: Page, settings: SeamSettings, threshold: float) -> Rows:
    """(n, columns of the frame): the lines' middles in the frame, top to bottom.

    Raises:
        PageError: there are more than any page has.
    """
    frame, pitch = page.frame, page.pitch * page.frame.scale
    parts = find_chains(ridges(page.density, pitch, settings.smooth * pitch), pitch, threshold)
    _check_number(len(parts), MOST_PARTS)
    chains = without_fragments(link(parts, pitch))
    chains = without_insertions(chains, pitch, frame.shape[1])
    _check_number(len(chains), MOST_LINES)
    seeds = extend(chains, frame.shape[1])
    height = page.strokes.height
    words = short_lines(page.strokes.components, frame.to_region(seeds), height, page.pitch)
    if not words:
        return seeds
    return extend([*chains, *(_word(frame, x, y, height) for x, y in words)], frame.shape[1])


def _check_number(found: int, most: int) -> None:
    if found > most:
        raise PageError(
            f"{found} lines or parts of lines were found, more than handwriting has ({most}): it is"
            " dithered or full of dirt; scan it in grey, not in black and white"
        )


def _word(frame: Frame, x: float, y: float, height: float) -> Chain:
    u, v = frame.to_frame(x, y)
    half = max(2.0, height * frame.scale / 2)
    inside = np.clip([u - half, u + half], 0, frame.shape[1] - 1)
    return Chain(inside, np.array([v, v]), 0.0)


def within_reach(
    territory: LineMap, ink: Mask, centres: NDArray[np.float64], reach: float
) -> LineMap:
    """The territory, less all ink that is more than `reach` rows from its line's middle.

    Args:
        territory, ink: (H, W); centres: (n, W), every line's middle in each column.
    """
    rows, columns = np.nonzero(ink & (territory > 0))
    lines = territory[rows, columns].astype(np.int64) - 1
    far = abs(rows - centres[lines, columns]) > reach
    territory = territory.copy()
    territory[rows[far], columns[far]] = 0
    return territory


def find_lines(page: Page, settings: SeamSettings, threshold: float) -> Segmentation:
    """The lines of a measured region.

    Args:
        settings: scale, smoothing, and the ink that a line must have.
        threshold: ridges count from this share of their neighbourhood's peak.

    Raises:
        PageError: as `find_seeds`.
    """
    strokes, frame = page.strokes, page.frame
    seeds = find_seeds(page, settings, threshold)
    seams = frame.to_region(find_seams(page.ink, seeds))
    centres = frame.to_region(seeds)
    territory = assign(strokes, seams, centres, page.pitch)
    moved = insertions(strokes.components, centres, strokes.height, page.pitch)
    if moved:
        lines = np.zeros(len(strokes.components.area) + 1, np.uint16)
        lines[np.array(list(moved)) + 1] = list(moved.values())
        taken = lines[strokes.components.labels]
        others = strokes.ink & (taken == 0)
        territory = np.where(others, territory, spread(taken, territory)).astype(np.uint16)
    territory = within_reach(territory, strokes.ink, centres, REACH * page.pitch)
    least = settings.min_ink * strokes.height**2
    found = inked_lines(territory, strokes, centres, least)
    pitch = page.pitch * frame.scale
    return replace(found, centres=find_middles(found, frame, pitch, settings.smooth * pitch))


def find_all_lines(
    strokes: Strokes, settings: SeamSettings, thresholds: Sequence[float]
) -> list[Segmentation]:
    """The lines of a region at each threshold; none at one where far too many are found. Empty
    where there is no writing.

    Raises:
        PageError: as `find_seeds`, at every threshold.
    """
    page = look(strokes)
    if page is None:
        return []
    found: list[Segmentation | PageError] = []
    for threshold in thresholds:
        try:
            found.append(find_lines(page, settings, threshold))
        except PageError as error:
            found.append(error)
    if all(isinstance(each, PageError) for each in found):
        raise next(each for each in found if isinstance(each, PageError))
    none = Segmentation.without_lines(strokes)
    return [none if isinstance(each, PageError) else each for each in found]
