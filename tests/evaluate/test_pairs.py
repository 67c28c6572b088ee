import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.bootstrap import Interval
from stages.evaluate.edits import Errors
from stages.evaluate.pairs import LEVEL, MIN_CHANGED, Difference, paired_difference, sign_flip


def _page(edits: int, length: int) -> Errors:
    return Errors(substitutions=edits, length=length)


DIFFERENCES = st.lists(st.integers(-9, 9), max_size=8)


@given(DIFFERENCES)
def test_p_is_the_share_of_signs_that_go_as_far(differences: list[int]) -> None:
    far = abs(sum(differences))
    signs = list(product((-1, 1), repeat=len(differences)))
    sums = [sum(sign * d for sign, d in zip(row, differences, strict=True)) for row in signs]
    assert sign_flip(differences) == sum(abs(s) >= far for s in sums) / len(sums)


@given(DIFFERENCES)
def test_pages_that_did_not_change_say_nothing(differences: list[int]) -> None:
    assert sign_flip([*differences, 0, 0]) == sign_flip(differences)


def test_as_many_pages_as_the_level_asks_for() -> None:
    assert sign_flip([1] * (MIN_CHANGED - 1)) > LEVEL >= sign_flip([1] * MIN_CHANGED)
    assert sign_flip([]) == sign_flip([0, 0]) == 1


def test_many_pages_are_counted_too_and_are_near_the_normal_distribution() -> None:
    noise = [int(step) for step in np.random.default_rng(3).integers(-5, 6, 2000)]
    spread = math.sqrt(sum(step * step for step in noise))
    normal = math.erfc(abs(sum(noise)) / spread / math.sqrt(2))
    assert sign_flip(noise) == pytest.approx(normal, abs=0.01)
    assert sign_flip([1] * 2000) < 1e-300


def test_of_readings_that_are_equally_good_few_are_told_apart() -> None:
    generator = np.random.default_rng(11)
    told, count = 0, 600
    for _ in range(count):
        pages = int(generator.integers(6, 16))
        steps = generator.integers(0, 8, pages) * generator.integers(0, 2, pages)
        edits = [int(step) for step in steps * generator.choice([-1, 1], pages)]
        before, after = [_page(20, 500) for _ in edits], [_page(20 + step, 500) for step in edits]
        found = paired_difference(before, after)
        assert found is not None
        told += found.verdict != "cannot tell"
    noise = 3 * (LEVEL * (1 - LEVEL) / count) ** 0.5
    assert told / count <= LEVEL + noise


def test_a_reading_better_on_every_page_of_few_may_be_chance() -> None:
    first = [_page(4, 10), _page(8, 20), _page(1, 10)]
    second = [_page(page.edits - 1, page.length) for page in first]
    found = paired_difference(first, second)
    assert found is not None
    assert found.value == -0.075
    assert (found.changed, found.p) == (3, 0.25)
    assert found.interval is not None
    assert found.interval.low <= found.value <= found.interval.high < 0
    assert found.verdict == "cannot tell"


def test_the_same_reading_differs_by_nothing() -> None:
    found = paired_difference([_page(1, 10), _page(9, 10)], [_page(1, 10), _page(9, 10)])
    assert found is not None
    assert found == Difference(0, Interval(0, 0), changed=0, p=1)


def test_one_page_differs_without_an_interval() -> None:
    assert paired_difference([_page(1, 2)], [_page(0, 2)]) == Difference(-0.5, None, 1, 1)
    assert paired_difference([_page(1, 0)], [_page(1, 0)]) is None


def test_other_pages_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="different pages"):
        paired_difference([_page(1, 10)], [_page(1, 10), _page(1, 10)])
    with pytest.raises(ValueError, match="different pages"):
        paired_difference([_page(1, 10), _page(1, 9)], [_page(1, 10), _page(1, 10)])
