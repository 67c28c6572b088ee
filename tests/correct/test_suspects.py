import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.correct.corrector import TextLine, correct_text
from stages.correct.suspects import DropSuspects, suspects
from stages.pages.records import Box, Line
from tests.records import make_line

WORDS = st.lists(
    st.sampled_from(["we", "very", "that", "had", "a", "bus", "2019", "no,", "yes.", "pass"]),
    max_size=9,
)


def line(width: int = 900, height: float = 45, ink: int = 20_000) -> Line:
    made = make_line("c", ink, Box(left=0, top=0, right=width, bottom=60))
    return made.model_copy(update={"height": height})


@pytest.mark.parametrize(
    "text",
    ["the the the the the", "ll1ll1ll1ll1ll1", "well ..........................", "--------"],
)
def test_repeats_are_suspect(text: str) -> None:
    (found,) = suspects([text], [line()])
    assert found.line == 0
    assert found.reason.startswith("repeats ")


@pytest.mark.parametrize(
    "text", ["had had had to", "very, very, very good", "1000000 people", "and so on ...", "", "a"]
)
def test_what_people_write_is_not(text: str) -> None:
    assert suspects([text], [line()]) == []


@given(WORDS.map(" ".join).filter(lambda text: not any(2 * f"{w} " in text for w in text.split())))
def test_no_text_without_repeats_is_suspect_on_a_whole_line(text: str) -> None:
    assert suspects([text], [line()]) == []


def test_more_characters_than_fit_are_suspect() -> None:
    (found,) = suspects(["many people think that"], [line(width=150)])
    assert found.reason == "22 characters on 150 pixels, letters 45 high"


def test_text_out_of_hardly_any_ink_is_suspect() -> None:
    (found,) = suspects(["many people think that"], [line(ink=300)])
    assert found.reason == "22 characters out of 300 pixels of ink"


def test_a_suspect_line_is_dropped_with_its_reason() -> None:
    given_lines = [TextLine("we agree"), TextLine("--------")]
    text = correct_text(given_lines, [DropSuspects({1: "repeats '-' 8 times"})])
    assert text.raw == ["we agree", "--------"]
    assert text.corrected == ["we agree", ""]
    (edit,) = text.edits
    assert (edit.line, edit.before, edit.after) == (1, "--------", "")
    assert (edit.corrector, edit.reason) == ("suspects", "repeats '-' 8 times")
