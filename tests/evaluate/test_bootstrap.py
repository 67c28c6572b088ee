from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.evaluate.bootstrap import Interval, interval, paired_interval
from stages.evaluate.edits import Errors


def _page(edits: int, length: int) -> Errors:
    return Errors(substitutions=edits, length=length)


pages = st.builds(_page, st.integers(0, 50), st.integers(1, 100))


def test_two_pages_worked_by_hand() -> None:
    # Resamples: one page twice (a quarter each) or both (half); the middle 95 % reaches both ends.
    assert interval([_page(0, 10), _page(10, 10)]) == Interval(0, 1)


def test_equal_pages_leave_no_doubt() -> None:
    assert interval([_page(1, 8)] * 5) == Interval(0.125, 0.125)


def test_four_pages_against_every_resample() -> None:
    rates = [(0, 10), (1, 10), (5, 30), (4, 20)]
    every = [
        sum(edits for edits, _ in drawn) / sum(length for _, length in drawn)
        for drawn in product(rates, repeat=4)
    ]
    low, high = np.quantile(every, [0.025, 0.975], method="inverted_cdf")
    found = interval([_page(*rate) for rate in rates])
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)


def test_pages_are_drawn_not_lines() -> None:
    """A page ten times as long with the same rate leaves as much doubt as a short one."""
    short = [_page(k, 10) for k in (0, 2, 4, 1)]
    long = [_page(10 * page.edits, 10 * page.length) for page in short]
    assert interval(short) == interval(long)


def test_fewer_than_two_pages_have_no_interval() -> None:
    assert interval([]) is interval([_page(1, 2)]) is None
    assert interval([_page(1, 0), _page(0, 0)]) is None
    assert paired_interval([_page(1, 2)], [_page(0, 2)]) is None


# Of n pages the resample that holds each once has a share of n!/n^n: above 2.5 % up to 5 pages, so
# that the pooled rate itself cannot lie outside.
@settings(deadline=None)
@given(st.lists(pages, min_size=2, max_size=5))
def test_the_interval_holds_the_pooled_rate_and_is_the_same_each_time(found: list[Errors]) -> None:
    limits = interval(found)
    rate = sum(found, Errors()).rate
    assert limits is not None and rate is not None
    assert limits.low <= rate <= limits.high
    assert interval(found) == limits


def test_a_page_without_text_is_drawn_with_the_others() -> None:
    found = interval([_page(3, 0), _page(1, 10), _page(0, 10)])
    assert found is not None and found.low == 0
    assert found.high > 0.1


def test_pairs_see_what_separate_intervals_hide() -> None:
    """Hard and easy pages make both rates uncertain; the second is still better on every page."""
    first = [_page(edits, 100) for edits in (5, 80, 20, 60, 40)]
    second = [_page(edits - 2, 100) for edits in (5, 80, 20, 60, 40)]
    one, other, difference = interval(first), interval(second), paired_interval(first, second)
    assert one is not None and other is not None and difference is not None
    assert one.low < other.high
    assert difference == Interval(-0.02, -0.02)
