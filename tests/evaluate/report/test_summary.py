import pytest

from stages.evaluate.report.summary import ChangeView, essay_changes, essay_rates
from stages.evaluate.scores import Scores

SCORES: Scores = {
    "essay_cer": 0.1,
    "essay_cer_low": 0.05,
    "essay_cer_high": 0.2,
    "essay_cer_change": -0.01,
    "essay_cer_change_low": -0.02,
    "essay_cer_change_high": -0.001,
    "essay_cer_change_p": 0.03,
    "essay_wer_change": -0.1,
    "essay_cer_raw_oracle": 0.02,
}


def test_rates_and_intervals_end_at_the_largest_number() -> None:
    corrected, oracle = essay_rates(SCORES)
    assert (corrected.name, corrected.start, corrected.length, corrected.dot) == (
        "CER corrected",
        25.0,
        75.0,
        50.0,
    )
    assert (oracle.low, oracle.high, oracle.start, oracle.length, oracle.dot) == (
        None,
        None,
        10.0,
        0.0,
        10.0,
    )


def test_a_change_is_shown_with_its_interval_only() -> None:
    name = "CER, corrected less raw"
    assert essay_changes(SCORES) == [ChangeView(name, -0.01, -0.02, -0.001, 0.03, chance=False)]


@pytest.mark.parametrize(("limit", "value"), [("high", 0.01), ("p", 0.06)])
def test_a_change_may_be_chance_by_the_interval_or_by_the_test(limit: str, value: float) -> None:
    (change,) = essay_changes(SCORES | {f"essay_cer_change_{limit}": value})
    assert change.chance


def test_nothing_transcribed_nothing_perfect_nothing_breaks() -> None:
    assert essay_rates({"pages_done": 1}) == []
    assert [rate.dot for rate in essay_rates({"essay_cer": 0.0})] == [0.0]
