from math import log

from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.confidence import confidence


def test_the_geometric_mean_of_the_probabilities() -> None:
    assert confidence((log(0.9) + log(0.4)) / 2) == 0.6
    assert confidence(0) == 1


@given(st.floats(max_value=0, allow_nan=False), st.floats(max_value=0, allow_nan=False))
def test_in_0_to_1_and_in_the_order_of_scores(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= confidence(low) <= confidence(high) <= 1
