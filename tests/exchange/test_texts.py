import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.texts import pair_lines, spread
from stages.crop.text import join_lines
from stages.errors import UserError
from stages.pages.records import Transcription
from tests.exchange.pages import page_of, sheet_of
from tests.typed import as_paragraph

WORDS = st.sampled_from(["a", "well-", "known", "noise", "-", "don't", "Ines"])


@settings(deadline=None)
@given(st.lists(WORDS), st.lists(st.lists(WORDS), min_size=1))
def test_the_parts_of_a_text_are_the_text_again(words: list[str], lines: list[list[str]]) -> None:
    text = as_paragraph(" ".join(words))
    parts = spread(text, lines)
    assert len(parts) == len(lines)
    assert join_lines([part for part in parts if part]) == text


def test_words_go_to_the_line_where_they_were_read() -> None:
    lines = [["Some", "pe0ple", "think"], ["that", "cities"], ["are", "loud."]]
    text = "Some people think that big cities are loud."
    assert spread(text, lines) == ["Some people think", "that big cities", "are loud."]


def test_transcribed_lines_go_where_their_text_was_read() -> None:
    texts = ["one flew over", "the cuckoos nest", "and was gone"]
    readings = ["the cuckos nest", "and vvas gone"]
    assert pair_lines(texts, readings, "transcription") == [
        ("one flew over", None),
        ("the cuckoos nest", 0),
        ("and was gone", 1),
    ]


def test_an_essay_typed_as_one_line_is_the_text_of_no_line_found() -> None:
    readings = ["the cuckos nest", "and vvas gone"]
    assert pair_lines(["the cuckoos nest and was gone"], readings, "transcription") == [
        ("the cuckoos nest and was gone", None),
        (None, 0),
        (None, 1),
    ]
    assert pair_lines(["the cuckoos nest"], readings[:1], "transcription") == [
        ("the cuckoos nest", 0)
    ]


def test_machine_read_text_keeps_its_lines_or_gets_them_back() -> None:
    assert pair_lines(["b", "a"], ["a", "b"], "corrected") == [("b", 0), ("a", 1)]
    readings = ["one flevv over", "the cuckoos nest"]
    assert pair_lines(["One flew over the cuckoos nest"], readings, "corrected") == [
        ("One flew over", 0),
        ("the cuckoos nest", 1),
    ]
    assert pair_lines([], [], "raw") == []


def test_a_character_that_no_file_can_hold_is_one_line() -> None:
    page = page_of(Transcription(essay=["fine", "not \x07 fine"]))
    with pytest.raises(UserError, match=r"^page: essay, line 2, holds U\+0007") as caught:
        sheet_of(page)
    assert "\n" not in str(caught.value)
    assert sheet_of(page, "raw").regions
