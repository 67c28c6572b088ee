import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from bench.noise import Readings, misread, observe
from tests.correct.readings import read_line

TEXT = "the rain in spain stays mainly in the plain " * 60


@pytest.fixture
def readings() -> Readings:
    """One wrong reading, one missed character, one surplus, among many right ones."""
    return observe(
        [
            (TEXT, read_line(TEXT)),
            ("rain", read_line("roin", {1: {"a": 0.3}})),
            ("rain", read_line("ran", {2: {"i": 0.2}})),
            ("rain", read_line("raain", {2: {"i": 0.25}})),
        ]
    )


def test_readings_are_sorted_by_what_was_written(readings: Readings) -> None:
    ((wrong,),) = readings.wrong.values()
    assert wrong.text == "o"
    assert readings.wrong["a"] == [wrong]
    assert readings.missed.keys() == {"i"}
    assert readings.missed["i"] == [pytest.approx(np.log(0.2 / 0.8))]
    ((surplus, followed),) = readings.surplus
    assert (surplus.text, followed) in {("a", "a"), ("a", "i")}


def test_errors_come_at_the_rate_asked_for(readings: Readings) -> None:
    line = misread(TEXT, readings, 0.3, np.random.default_rng(0))
    edits = Levenshtein.distance(TEXT, line.text)
    characters = sum(TEXT.count(c) for c in "ai") / 2 + len(TEXT)  # two kinds need their letter
    assert 0.25 * 0.1 * len(TEXT) < edits < 0.3 * characters
    assert misread(TEXT, readings, 1e-9, np.random.default_rng(0)).text == TEXT


def test_the_evidence_belongs_to_the_text(readings: Readings) -> None:
    line = misread(TEXT, readings, 0.2, np.random.default_rng(1))
    (hypothesis,) = line.hypotheses
    assert "".join(token.text for token in hypothesis.tokens) == line.text == hypothesis.text
    for token in hypothesis.tokens:
        if token.text == "o":
            assert [other.text for other in token.alternatives] == ["a"]


def test_the_same_seed_gives_the_same_noise(readings: Readings) -> None:
    first, again = (misread(TEXT, readings, 0.1, np.random.default_rng(2)) for _ in range(2))
    assert first == again
