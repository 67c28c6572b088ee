import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.pages.records import Candidate, Hypothesis, Line
from stages.recognize.select import choose
from tests.records import make_line


def line(crop: str, ink: int) -> Line:
    return make_line(crop, ink)


def candidate(name: str, *lines: Line) -> Candidate:
    return Candidate(name=name, threshold=0.1, lines=list(lines))


def reading(text: str, score: float) -> Hypothesis:
    return Hypothesis(text=text, score=score, tokens=[])


READINGS = {
    "good": reading("short", -0.1),
    "fair": reading("middling", -0.5),
    "bad": reading("a very long hallucination", -2.0),
}


def test_longest_counts_characters_as_the_notebook_did() -> None:
    a = candidate("a", line("good", 9), line("fair", 9))
    b = candidate("b", line("bad", 9))
    chosen, scores = choose("longest", [a, b], READINGS)
    assert chosen == 1
    assert scores == [len("short middling"), len("a very long hallucination")]


def test_the_first_of_equals_is_chosen() -> None:
    a, b = candidate("a", line("good", 5)), candidate("b", line("good", 5))
    for selector in ("longest", "likelihood"):
        assert choose(selector, [a, b], READINGS)[0] == 0


def test_a_threshold_that_found_nothing_is_not_chosen_for_a_tie() -> None:
    empty, one = candidate("empty"), candidate("one", line("bad", 9))
    chosen, scores = choose("likelihood", [empty, one], READINGS)
    assert chosen == 1
    assert scores[0] == scores[1]


def test_likelihood_weighs_lines_by_ink() -> None:
    a = candidate("a", line("good", 30), line("bad", 10))
    b = candidate("b", line("fair", 40))
    chosen, scores = choose("likelihood", [a, b], READINGS)
    assert scores == pytest.approx([(-3 - 20) / 40, -0.5])
    assert chosen == 1


def test_dropping_the_hard_line_is_no_gain() -> None:
    whole = candidate("whole", line("good", 30), line("bad", 10))
    cut = candidate("cut", line("good", 30))
    chosen, scores = choose("likelihood", [whole, cut], READINGS)
    assert chosen == 0
    assert scores[0] == scores[1]


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(-9, 0)), min_size=1, max_size=8))
def test_likelihood_of_a_full_cover_is_the_weighted_mean(lines: list[tuple[int, float]]) -> None:
    readings = {str(i): reading("x", score) for i, (_, score) in enumerate(lines)}
    only = candidate("only", *(line(str(i), ink) for i, (ink, _) in enumerate(lines)))
    _, (score,) = choose("likelihood", [only], readings)
    total = sum(ink for ink, _ in lines)
    assert score == pytest.approx(sum(i * s for i, s in lines) / total, abs=1e-3)
