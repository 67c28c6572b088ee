import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.segment.level import Frame, find_pitch, find_slope, left_edges
from tests.segment.written import bars


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.07, 0.07), st.integers(40, 110))
def test_slope_and_distance_of_drawn_lines_are_found(slope: float, pitch: int) -> None:
    mask = bars(slope, pitch)
    found = find_slope(mask, 20)
    assert found == pytest.approx(slope, abs=0.004)
    assert find_pitch(mask, found, 20) == pytest.approx(pitch, abs=3)


@settings(max_examples=20, deadline=None)
@given(st.integers(40, 75), st.integers(3, 7), st.integers(300, 800))
def test_short_lines_between_long_ones_count(pitch: int, count: int, short: int) -> None:
    mask = bars(0.01, pitch, count, short)
    assert find_pitch(mask, 0.01, 20) == pytest.approx(pitch, abs=4)


def test_one_line_has_the_distance_of_two_letters() -> None:
    assert find_pitch(bars(0, 60, count=1), 0.0, 20) == 40


def test_blank_ink_has_no_slope() -> None:
    assert find_slope(np.zeros((50, 50), bool), 20) == 0


def test_thick_pens_begin_as_many_strokes_as_thin_ones() -> None:
    thin = np.zeros((20, 60), bool)
    thick = thin.copy()
    thin[5:15, 10:12] = thick[5:15, 10:19] = True
    assert left_edges(thin).sum() == left_edges(thick).sum() == 10


@given(st.floats(-0.08, 0.08), st.integers(30, 150), st.integers(0, 799), st.integers(0, 499))
def test_the_frame_maps_points_there_and_back(slope: float, pitch: int, x: int, y: int) -> None:
    frame = Frame.fit((500, 800), slope, pitch)
    _, v = frame.to_frame(x, y)
    assert -0.5 <= v <= frame.shape[0]
    curve = np.full((1, frame.shape[1]), v)
    assert frame.to_region(curve)[0, x] == pytest.approx(y, abs=1e-6 + abs(slope) * 2 / frame.scale)


def test_the_frame_shows_a_sloping_line_level() -> None:
    mask = bars(0.05, 60, count=1)
    plane = Frame.fit(mask.shape, 0.05, 60).show(mask)
    rows = np.flatnonzero(plane.sum(axis=1) > 0.05 * plane.sum(axis=1).max())
    assert rows[-1] - rows[0] <= 20
