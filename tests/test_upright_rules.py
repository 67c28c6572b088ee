import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.upright_rules import LEAST_MEND, RUN, find_upright_rules, without_upright_rules
from tests.segment.written import bars

LETTERS = 20.0


@settings(max_examples=30, deadline=None)
@given(
    x=st.integers(5, 890),
    lean=st.floats(-0.01, 0.01),
    thick=st.integers(1, 6),
    gap=st.integers(0, 8),
    pitch=st.integers(45, 90),
)
def test_an_upright_rule_goes_and_the_letters_that_it_crosses_stay(
    x: int, lean: float, thick: int, gap: int, pitch: int
) -> None:
    letters = bars(0.01, pitch)
    ruled = letters.copy()
    rows = np.arange(len(letters))
    rows = rows[rows % 97 >= gap]
    for k in range(thick):
        ruled[rows, np.clip(np.round(x + lean * rows).astype(int) + k, 0, 899)] = True
    rules = find_upright_rules(ruled, LETTERS)
    clean = without_upright_rules(ruled, rules, LETTERS)
    between = np.asarray(cv2.dilate(letters.astype(np.uint8), np.ones((1, LEAST_MEND)))) > 0
    assert (clean & ~between).sum() < RUN * LETTERS * thick  # a rest at the end
    assert clean[letters].mean() > 0.97
    assert not find_upright_rules(letters, LETTERS).any()


def test_what_is_no_rule_stays() -> None:
    ink = np.zeros((900, 900), bool)
    ink[100:210, 100:104] = True  # a stroke as long as two lines are apart
    ink[300:600, 300:600] = True  # a blot
    for row in range(400):  # a page crossed out
        ink[300 + row, 300 + row : 306 + row] = True
    assert not find_upright_rules(ink, LETTERS).any()


def test_a_rule_as_wide_as_large_letters_allow_is_mended_too() -> None:
    letters = np.zeros((1000, 400), bool)
    letters[100:900:60, 50:350] = True  # strokes across
    ruled = letters.copy()
    ruled[:, 200:209] = True
    clean = without_upright_rules(ruled, find_upright_rules(ruled, 50.0), 50.0)
    assert clean[letters].all()
    assert not clean[~letters].any()
