import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.matching import Matches, match


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_perfect_segmentation_matches_under_any_numbers(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, count + 1, (30, 30))
    numbers = rng.permutation(count) + 1
    found = np.concatenate([[0], numbers])[labels]
    matches = match(labels, found, 0.95)
    present = len(set(labels[labels > 0].tolist()))
    assert matches == Matches(present, present, present)
    assert matches.f_measure == 1


def test_what_is_shared_by_two_lines_counts_against_both() -> None:
    labels = np.repeat([[1], [2]], 50, axis=0).repeat(100, axis=1)
    found = labels.copy()
    found[:4] = 2
    assert match(labels, found, 0.95).matched == 0
    assert match(labels, found, 0.90).matched == 2
    assert match(labels, np.ones_like(labels), 0.75) == Matches(0, 2, 1)


def test_only_labelled_pixels_count() -> None:
    labels = np.zeros((10, 10), int)
    labels[:5] = 1
    assert match(labels, np.ones((10, 10), int), 0.95) == Matches(1, 1, 1)


def test_the_f_measure_is_the_harmonic_mean_of_both_rates() -> None:
    matches = Matches(3, 4, 6) + Matches(1, 2, 2)
    dr, ra = matches.detection_rate, matches.recognition_accuracy
    assert matches.f_measure == pytest.approx(2 * dr * ra / (dr + ra))
