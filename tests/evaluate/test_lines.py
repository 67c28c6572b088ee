from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.edits import Errors, graphemes
from stages.evaluate.lines import line_count_error, line_errors

lines = st.lists(st.text("ab", min_size=1, max_size=5), min_size=2, max_size=4)


def test_a_missing_line_is_deleted_and_a_surplus_one_inserted() -> None:
    assert line_errors(["first", "second", "third"], ["first", "thirt"]) == Errors(1, 6, 0, 16)
    assert line_errors(["first", "third"], ["first", "dots", "third"]) == Errors(0, 0, 4, 10)


def test_a_word_on_the_wrong_line_costs_twice_its_length() -> None:
    assert line_errors(["aa bb cc", "dd"], ["aa bb", "cc dd"]) == Errors(0, 3, 3, 10)


def test_an_essay_typed_as_one_line_tells_nothing_of_lines() -> None:
    assert line_errors(["all of it"], ["all", "of it"]) is None
    assert line_count_error(["all of it"], ["all", "of it"]) is None
    assert line_errors(["Two"], []) == Errors(0, 3, 0, 3)


def test_lines_too_many_and_too_few_count_alike() -> None:
    assert line_count_error(["a", "b"], ["a", "b", "c"]) == 1
    assert line_count_error(["a", "b", "c"], ["a", "b"]) == 1
    assert line_count_error(["a", "b"], ["b", "a"]) == 0


@given(lines, lines)
def test_no_line_for_line_pairing_has_fewer_errors(truth: list[str], read: list[str]) -> None:
    errors = line_errors(truth, read)
    assert errors is not None
    in_order = Errors()
    for i in range(max(len(truth), len(read))):
        pair = "".join(truth[i : i + 1]), "".join(read[i : i + 1])
        found = line_errors([pair[0]], [pair[1]])
        assert found is not None
        in_order += found
    assert errors.edits <= in_order.edits
    assert errors.length == sum(len(graphemes(line)) for line in truth)
    assert line_errors(truth, truth) == Errors(length=errors.length)
