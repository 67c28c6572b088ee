import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.texts import pair_lines, spread
from stages.crop.text import join_lines
from stages.errors import UserError
from stages.records import Transcription
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
    assert pair_lines(texts, readings, "transcription") == [(0, None), (1, 0), (2, 1)]
    assert pair_lines(["b", "a"], ["a", "b"], "corrected") == [(0, 0), (1, 1)]


def test_a_character_that_no_file_can_hold_is_one_line() -> None:
    page = page_of(Transcription(essay=["fine", "not \x07 fine"]))
    with pytest.raises(UserError, match=r"^page: essay, line 2, holds U\+0007") as caught:
        sheet_of(page)
    assert "\n" not in str(caught.value)
    assert sheet_of(page, "raw").regions
