"""What a pen in haste makes of letters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.strokes import TRAILING, in_proportion, rounded, trailing

LETTER = np.array([[0, -2], [0.5, -1], [0.5, -0.4], [0.2, 0], [0.1, 0.6]], np.float32)


def length(line: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


@given(st.floats(0.5, 2), st.floats(0.5, 2))
def test_proportions_leave_the_body_and_stretch_what_reaches_out(up: float, down: float) -> None:
    moved = in_proportion(LETTER, up, down)
    assert moved[1:4] == pytest.approx(LETTER[1:4])
    assert moved[0] == pytest.approx([0, -1 - up], abs=1e-6)
    assert moved[4] == pytest.approx([0.1, 0.6 * down], abs=1e-6)


@given(st.floats(0, 1))
def test_haste_cuts_corners_and_keeps_the_ends(haste: float) -> None:
    zigzag = np.stack([np.linspace(0, 1, 21), np.tile([0, 0.1, 0], 7)], axis=1).astype(np.float32)
    curve = rounded(zigzag, haste)
    assert curve[[0, -1]] == pytest.approx(zigzag[[0, -1]], abs=1e-6)
    assert length(curve) <= length(zigzag) + 1e-5


def test_a_ring_stays_closed_and_round() -> None:
    turn = np.linspace(0, 2 * np.pi, 41)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32) * 0.4
    ring[-1] = ring[0]
    curve = rounded(ring, 1.0)
    assert np.array_equal(curve[0], curve[-1])
    assert np.ptp(np.linalg.norm(curve, axis=1)) < 0.01


def test_a_word_in_haste_ends_lower_than_it_begins() -> None:
    strokes = [np.array([[x, -1], [x, 0]], np.float32) for x in (0.0, 4.0)]
    first, last = trailing(strokes, 4.0, 1.0)
    assert length(first) == pytest.approx(1)
    assert length(last) == pytest.approx(1 - TRAILING)
    assert trailing(strokes, 4.0, 0.0) == strokes
