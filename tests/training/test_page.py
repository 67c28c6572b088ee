"""Lines laid on a page and cut out by the segment stage."""

from dataclasses import replace

import numpy as np
import pytest

from training.crop import write
from training.fonts import font_paths
from training.hand import Hand
from training.page import cut_page, lay, matching
from training.text import Line

TEXTS = ["one line that is long", "short", "a third line of words"]


@pytest.fixture(scope="module")
def hand() -> Hand:
    return Hand(font=font_paths("held_out")[5], x_height=24, baseline_wander=0.0)


def test_ink_on_the_page_is_that_of_the_lines_one_below_the_other(hand: Hand) -> None:
    rng = np.random.default_rng(0)
    inks = [write(Line(text), hand, rng) for text in TEXTS]
    coverage, lines = lay(inks, 5 * hand.x_height, rng)
    assert coverage.sum() == pytest.approx(sum(float(ink.alpha.sum()) for ink in inks), rel=1e-3)
    middles = [np.nonzero(lines == k)[0].mean() for k in (1, 2, 3)]
    assert np.diff(middles) == pytest.approx(5 * hand.x_height, rel=0.2)


def test_crops_of_the_page_are_the_lines_that_were_written(hand: Hand) -> None:
    rng = np.random.default_rng(1)
    inks = [write(Line(text), hand, rng) for text in TEXTS]
    crops = cut_page(inks, rng)
    assert sorted(crops) == [0, 1, 2]
    for index, ink in enumerate(inks):
        inked = np.flatnonzero(ink.alpha.max(axis=0) > 0.3)
        written = inked[-1] - inked[0]
        assert written <= crops[index].shape[1] <= written + 3 * hand.x_height
        assert crops[index].dtype == np.uint8
        assert crops[index].ndim == 2


def test_a_page_depends_on_nothing_but_its_lines_and_the_seed(hand: Hand) -> None:
    inks = [write(Line(text), hand, np.random.default_rng(2)) for text in TEXTS]
    one, other = (cut_page(inks, np.random.default_rng(3)) for _ in range(2))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[k], other[k]) for k in one)


def test_a_pen_too_fine_to_be_seen_leaves_no_crops(hand: Hand) -> None:
    rng = np.random.default_rng(4)
    ink = write(Line("short"), hand, rng)
    assert cut_page([replace(ink, alpha=ink.alpha * 0.1)] * 2, rng) == {}


def test_a_found_line_is_the_written_one_that_it_shares_its_ink_with() -> None:
    lines = np.zeros((30, 20), np.uint8)
    lines[0:10], lines[10:20], lines[20:30] = 1, 2, 3
    found = np.zeros((30, 20), np.uint16)
    found[0:9], found[9:20], found[20:25], found[25:30] = 1, 2, 3, 4
    assert matching(lines, found) == {1: 0, 2: 1}
