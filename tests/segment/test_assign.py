import numpy as np

from stages.ink import find_components
from stages.segment.assign import assign, bands, spread
from stages.segment.strokes import Strokes

SEEDS = np.repeat(np.array([[20.0], [60.0]]), 100, axis=1)
SEAMS = np.repeat(np.array([[41.0]]), 100, axis=1)


def strokes_of(ink: np.ndarray) -> Strokes:
    return Strokes(ink, np.zeros_like(ink), find_components(ink), 20.0, 0.0)


def owner_map(ink: np.ndarray) -> np.ndarray:
    return assign(strokes_of(ink), SEAMS, SEEDS, 40.0)


def test_bands_begin_at_their_seams() -> None:
    band = bands(np.array([[2.0, 2.2], [4.0, 4.0]]), 6)
    assert band[:, 0].tolist() == [1, 1, 2, 2, 3, 3]
    assert band[:, 1].tolist() == [1, 1, 1, 2, 3, 3]


def test_a_descender_goes_whole_to_the_line_where_it_began() -> None:
    ink = np.zeros((100, 100), bool)
    ink[12:28, 10:40] = True
    ink[20:58, 30:33] = True
    assert set(owner_map(ink)[ink].tolist()) == {1}


def test_an_ascender_goes_whole_to_the_line_below() -> None:
    ink = np.zeros((100, 100), bool)
    ink[52:68, 10:40] = True
    ink[25:60, 10:13] = True
    assert set(owner_map(ink)[ink].tolist()) == {2}


def test_a_dot_on_the_seam_has_a_line() -> None:
    ink = np.zeros((100, 100), bool)
    ink[40:42, 50:52] = True
    assert set(owner_map(ink)[ink].tolist()) <= {1, 2}


def test_one_line_owns_everything() -> None:
    ink = np.zeros((50, 100), bool)
    ink[10:20, 10:20] = True
    lines = assign(strokes_of(ink), np.zeros((0, 100)), SEEDS[:1], 40.0)
    assert (lines == 1).all()


def test_paper_near_ink_belongs_to_its_line() -> None:
    lines = np.zeros((20, 20), np.uint16)
    lines[10, 10] = 3
    spread_out = spread(lines, np.ones((20, 20), np.uint16))
    assert spread_out[11, 11] == 3
    assert spread_out[0, 0] == 1
