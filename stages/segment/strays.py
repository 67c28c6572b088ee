"""Writing off the lines: words inserted above a line, and lines too short to show as ridges."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stages.ink import Components
from stages.segment.level import Rows

Indices = NDArray[np.int64]

# Of the letters' height: lower than each is a speck, a dot; higher than the last is no letter.
SPECK, LOWEST, TALLEST = 0.2, 0.4, 3.0
# Of the line distance.
OFF_LINE = 0.6
SAME_ROW = 0.4
WORD_GAP = 2.0
FREE_ABOVE, FREE_BELOW = 0.24, 0.10
BETWEEN = (0.30, 0.75)
INSERTED_GAP = 0.5
INSERTED_WIDTH = 0.5
JOINED_WIDTH = 1.0
INSERTED_HEIGHT = 0.5
# Of its box, the ink of a joined word.
JOINED_FILL = 0.65
FLAT = 0.9


def _groups(
    components: Components, chosen: Indices, joins: Callable[[int, int], bool]
) -> list[Indices]:
    """The chosen components, from left to right, each put to the first group whose last member
    `joins` it."""
    groups: list[list[int]] = []
    for index in chosen[np.argsort(components.left[chosen], kind="stable")].tolist():
        home = next((group for group in groups if joins(group[-1], index)), None)
        if home is None:
            groups.append([index])
        else:
            home.append(index)
    return [np.array(group, np.int64) for group in groups]


def _seed_rows(seeds: Rows, columns: Rows) -> Rows:
    """(n, len(columns)): where the seeds run at these columns."""
    rows: Rows = seeds[:, np.clip(np.round(columns), 0, seeds.shape[1] - 1).astype(np.int64)]
    return rows


def short_lines(
    components: Components, seeds: Rows, letter: float, pitch: float
) -> list[tuple[float, float]]:
    """Middles (x, y) of words that lie off every seed: lines of a word or two.

    Args:
        seeds: (n, W) rows of the region, n may be 0.
        letter: the letters' height, pitch: the lines' distance, both in pixels.
    """
    x = (components.left + components.right) / 2
    y = (components.top + components.bottom) / 2
    off = (components.height >= SPECK * letter) & (components.height < TALLEST * letter)
    if len(seeds):
        off &= np.abs(_seed_rows(seeds, x) - y).min(axis=0) > OFF_LINE * pitch

    def joins(one: int, other: int) -> bool:
        near = components.left[other] - components.right[one] < WORD_GAP * pitch
        return bool(near and abs(y[one] - y[other]) < SAME_ROW * pitch)

    found = []
    for group in _groups(components, np.flatnonzero(off), joins):
        if _is_word(components, group, letter):
            weights = components.area[group]
            found.append((float(x[group].mean()), float(np.average(y[group], weights=weights))))
    return found


def _is_word(components: Components, group: Indices, letter: float) -> bool:
    """Whether a group has a letter's size; a single component, which may be dirt, that of a joined
    word, and room between its strokes."""
    width = components.right[group].max() - components.left[group].min()
    height = components.height[group].max()
    if height < LOWEST * letter or width < INSERTED_WIDTH * letter:
        return False
    filled = components.area[group].sum() / (width * height)
    return bool(len(group) > 1 or (width >= JOINED_WIDTH * letter and filled < JOINED_FILL))


def insertions(components: Components, seeds: Rows, letter: float, pitch: float) -> dict[int, int]:
    """Components of words that stand free between two lines, and the lower line's number from 1:
    what is inserted is written above its line.

    Args:
        seeds, letter, pitch: as in `short_lines`.
    """
    if len(seeds) < 2:
        return {}
    x = (components.left + components.right) / 2
    y = (components.top + components.bottom) / 2
    rows = _seed_rows(seeds, x)
    upper = (rows < y).sum(axis=0) - 1
    between = (upper >= 0) & (upper < len(seeds) - 1) & (components.height >= SPECK * letter)
    chosen = np.flatnonzero(between)
    above, below = rows[upper[chosen], chosen], rows[upper[chosen] + 1, chosen]
    part = (y[chosen] - above) / (below - above)
    free = (components.top[chosen] - above > FREE_ABOVE * pitch) & (
        below - components.bottom[chosen] > FREE_BELOW * pitch
    )
    chosen = chosen[free & (part > BETWEEN[0]) & (part < BETWEEN[1])]

    def joins(one: int, other: int) -> bool:
        near = components.left[other] - components.right[one] < INSERTED_GAP * pitch
        level = abs(y[one] - y[other]) < SAME_ROW * pitch
        return bool(near and level and upper[one] == upper[other])

    found = {}
    for group in _groups(components, chosen, joins):
        width = components.right[group].max() - components.left[group].min()
        tall = components.height[group].max()
        if tall >= INSERTED_HEIGHT * letter and width >= max(INSERTED_WIDTH * pitch, FLAT * tall):
            found.update({int(index): int(upper[index]) + 2 for index in group})
    return found
