from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from stages.evaluate.edits import Errors, character_errors
from stages.evaluate.normalise import normalise
from stages.evaluate.oracle import nearest_reading, oracle_errors

texts = st.text("ab ", max_size=6).map(normalise)
lines = st.lists(st.lists(texts, min_size=1, max_size=3), max_size=3)


def test_each_line_takes_its_nearest_entry() -> None:
    n_best = [["a bat", "a cat"], ["sot", "sat", "set"]]
    assert nearest_reading("a cat sat", n_best) == "a cat sat"
    assert nearest_reading("a cat sit", [["a cot"], ["sot"]]) == "a cot sot"


def test_what_one_line_lacks_another_may_hold() -> None:
    # Line by line "one two" is nearest to "one"; with the second line in view it is too much.
    assert nearest_reading("one two", [["one", "one two"], ["two"]]) == "one two"


def test_reading_nothing_can_be_nearest() -> None:
    assert nearest_reading("a", [["bb", ""]]) == ""
    assert nearest_reading("ab", [["ab", ""], ["bbbb", ""]]) == "ab"


def test_segmentation_and_n_best_worked_by_hand() -> None:
    candidates = [[["cut"], ["sat", "mat"]], [["cat", "cut"], ["sit"], ["x"]]]
    assert oracle_errors("cat mat", candidates) == Errors(1, 0, 0, 7)
    best = [[entries[:1] for entries in candidate] for candidate in candidates]
    assert oracle_errors("cat mat", best) == Errors(2, 0, 0, 7)


def test_a_page_without_lines_loses_all() -> None:
    assert oracle_errors("abc", [[]]) == Errors(0, 3, 0, 3)


def test_words_divided_at_the_end_of_a_line_cost_nothing() -> None:
    assert nearest_reading("the problem", [["the prob-"], ["lem"]]) == "the problem"
    assert oracle_errors("the problem", [[["the prob-", "the prob"], ["lem"]]]).edits == 0


@settings(deadline=None)
@given(texts, lines)
def test_no_other_choice_is_nearer(truth: str, n_best: list[list[str]]) -> None:
    choices = [normalise(" ".join(choice)) for choice in product(*n_best)]
    found = nearest_reading(truth, n_best)
    assert found in choices
    assert character_errors(truth, found).edits == min(
        character_errors(truth, choice).edits for choice in choices
    )
