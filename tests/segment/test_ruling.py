import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.changes import CHANGES
from stages.segment.crops import cut_lines
from stages.segment.ruling import (
    MEND,
    UPRIGHT_RUN,
    find_rules,
    find_upright_rules,
    without_rules,
    without_upright_rules,
)
from tests.segment.written import Written, all_found, bars, essay, find
from tests.segment.written import settings as segment_settings

LETTERS = 20.0


@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_rules_go_and_the_letters_that_they_cross_stay(slope: float) -> None:
    letters = bars(slope, 60)
    ruled = letters.copy()
    columns = np.arange(900)
    for line in range(6):
        for row in range(2):
            ruled[np.round(112 + 60 * line + row + slope * columns).astype(int), columns] = True
    rules = find_rules(ruled, slope)
    assert not find_rules(letters, slope).any()
    clean = without_rules(ruled, rules)
    assert clean[letters].mean() > 0.97
    assert (clean & ~letters).sum() < 0.05 * letters.sum()


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
    clean = without_upright_rules(ruled, rules)
    between = np.asarray(cv2.dilate(letters.astype(np.uint8), np.ones((1, MEND)))) > 0
    assert (clean & ~between).sum() < UPRIGHT_RUN * LETTERS * thick  # a rest at the end
    assert clean[letters].mean() > 0.97
    assert not find_upright_rules(letters, LETTERS).any()


def test_what_is_no_rule_stays() -> None:
    ink = np.zeros((900, 900), bool)
    ink[100:210, 100:104] = True  # a stroke as long as two lines are apart
    ink[300:600, 300:600] = True  # a blot
    for row in range(400):  # a page crossed out
        ink[300 + row, 300 + row : 306 + row] = True
    assert not find_upright_rules(ink, LETTERS).any()


@pytest.mark.parametrize("change", ["margined", "framed", "edged"])
@pytest.mark.parametrize("method", ["seams", "projection"])
def test_lines_are_found_and_cut_without_the_rules_beside_them(change: str, method: str) -> None:
    page = essay(6, 70)
    changed = Written(*CHANGES[change](page.region, page.labels))
    chosen = segment_settings(f"segment={method}", "segment.crop.shape=straight")
    plain, ruled = (find(one.region, f"segment={method}") for one in (page, changed))
    if method == "seams":
        assert all_found(changed, ruled)
    pairs = zip(
        cut_lines(page.region, (0, 0), plain, chosen),
        cut_lines(changed.region, (0, 0), ruled, chosen),
        strict=True,
    )
    for (expected, _), (line, crop) in pairs:
        assert line.box.width <= expected.box.width + 12
        dark = (crop.min(axis=2) < 190).all(axis=0)
        assert not dark.any()
