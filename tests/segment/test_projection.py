import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.segment.projection import find_ink, find_rows, row_profile


def ruled_page(
    heights: list[int], gap: int, width: int = 200
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """White paper with solid dark bars of the given heights, and the bars' rows."""
    rows, top = [], gap
    for height in heights:
        rows.append((top, top + height))
        top += height + gap
    page = np.full((top, width, 3), 250, np.uint8)
    for start, stop in rows:
        page[start:stop, 20 : width - 20 : 2] = 30
    return page, rows


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(16, 40), min_size=1, max_size=8), st.integers(12, 30))
def test_separate_bars_are_found_each_with_its_rows(heights: list[int], gap: int) -> None:
    page, rows = ruled_page(heights, gap)
    found = find_rows(row_profile(find_ink(page), 1), threshold=0.1, min_height=14)
    assert len(found) == len(rows)
    for (top, bottom), (start, stop) in zip(found, rows, strict=True):
        assert start - 6 <= top <= start
        assert stop <= bottom <= stop + 6


def test_small_gaps_close_and_low_runs_drop() -> None:
    profile = np.zeros(100, np.float32)
    profile[10:20] = profile[22:40] = 1
    profile[60:66] = 1
    assert find_rows(profile, 0.5, min_height=14) == [(8, 42)]


def test_a_higher_threshold_never_covers_more_rows() -> None:
    rng = np.random.default_rng(3)
    profile = rng.random(500).astype(np.float32)
    covered = [
        len({row for rows in find_rows(profile, threshold, 1) for row in range(*rows)})
        for threshold in (0.2, 0.5, 0.8, 0.95)
    ]
    assert covered == sorted(covered, reverse=True)


def test_smoothing_runs_over_rows() -> None:
    ink = np.zeros((41, 10), bool)
    ink[20] = True
    profile = row_profile(ink, 11)
    assert np.count_nonzero(profile) == 11
    assert np.isclose(profile.sum(), 10, rtol=1e-4)
    assert (row_profile(ink, 1) == ink.sum(axis=1)).all()


def test_blank_paper_has_no_rows() -> None:
    blank = np.full((60, 80, 3), 250, np.uint8)
    assert find_rows(row_profile(find_ink(blank), 1), 0.1, 1) == []
