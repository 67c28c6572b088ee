import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.crop.text import is_speck, join_lines, reading
from tests.crop.drawing import words


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["the develop-", "ment of"], "the development of"),
        (["his well-", "being matters"], "his well-being matters"),
        (["a well-", "developed answer"], "a well-developed answer"),
        (["in mid-", "January"], "in mid-January"),
        (["one -", "two"], "one - two"),
        (["(infor-", "mation)"], "(information)"),
        (["plain", "lines"], "plain lines"),
    ],
)
def test_broken_words_are_mended_where_that_is_clearly_right(lines: list[str], text: str) -> None:
    assert join_lines(lines) == text


@given(st.lists(st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,3}", fullmatch=True), max_size=6))
def test_lines_without_hyphens_are_joined_with_spaces(lines: list[str]) -> None:
    assert join_lines(lines) == " ".join(lines)


def test_reading_leaves_specks_out_and_averages_confidence() -> None:
    found = reading(words(["two ~ words"], confidence=0.8))
    assert found is not None
    assert (found.text, found.confidence) == ("two words", 0.8)
    assert reading(words([". ' ~"])) is None


@pytest.mark.parametrize(("text", "speck"), [("·", True), ("°", True), ("&", False), ("a", False)])
def test_specks_are_marks_that_print_does_not_set_alone(text: str, speck: bool) -> None:
    assert is_speck(words([text])[0]) is speck


def test_a_single_sign_that_tesseract_doubts_is_a_speck() -> None:
    assert is_speck(words(["z"], confidence=0.1)[0])
    assert not is_speck(words(["zoo"], confidence=0.1)[0])


def test_a_dash_is_wide() -> None:
    word = words(["–"])[0]
    dash = word.model_copy(update={"box": word.box.model_copy(update={"bottom": word.box.top + 3})})
    assert is_speck(word)
    assert not is_speck(dash)
