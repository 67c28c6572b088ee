from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.crop.anchors import Match, find_anchors
from stages.crop.fields import field_words, find_band, find_test, parse_band, printed_below
from stages.pages.records import AnchorName, Word
from tests.crop.drawing import (
    BAND,
    COMMENT,
    HAND,
    HEADER,
    PROMPT,
    SHEET,
    TEST,
    TOPIC,
    text_of,
    words,
)

Value = TypeVar("Value")


def read_field(lines: Sequence[str], name: AnchorName) -> str:
    page = words(lines)
    return text_of(field_words(page, find_anchors(page, 0.75), name))


def read_number(
    line: str, name: AnchorName, read: Callable[[Sequence[Word], Match], Value]
) -> Value:
    page = words([line, *HAND, HEADER])
    match = next(match for match in find_anchors(page, 0.75) if match.name == name)
    return read(page, match)


@given(st.integers(0, 18), st.booleans())
def test_every_band_is_read(halves: int, decimals: bool) -> None:
    band = halves / 2
    text = f"{band:.1f}" if decimals or band % 1 else f"{band:.0f}"
    assert read_number(BAND.replace("6.5", text), "band", find_band) == (band, 0.95)


@pytest.mark.parametrize(
    ("slip", "band"),
    [
        ("Bana 6.S score.", 6.5),
        ("aBand 65 score", 6.5),
        ("Band 6,5 score.", 6.5),
        ("Band 6. 5 score.", 6.5),
        ("Band7score.", 7.0),
        ("Band 7 score.", 7.0),
        ("8and 8.O scorc.", 8.0),
        ("Band 5.0", 5.0),
        ("Band S score.", 5.0),
    ],
)
def test_slips_in_the_band_are_mended(slip: str, band: float) -> None:
    line = BAND[: BAND.index("Band")] + slip
    found = read_number(line, "band", find_band)
    assert found is not None
    assert found[0] == band


@pytest.mark.parametrize("text", ["", "x", "9.5", "6.3", "123", "-", "²"])
def test_what_is_no_band_is_none(text: str) -> None:
    assert parse_band(text) is None


@pytest.mark.parametrize("number", ["6.3", "6.6", "9.5", "8.3", "6.25", "123"])
def test_a_part_of_what_is_no_band_is_none(number: str) -> None:
    assert read_number(BAND.replace("6.5", number), "band", find_band) is None


def test_a_band_sentence_without_number_gives_none() -> None:
    assert read_number(BAND.replace(" 6.5", ""), "band", find_band) is None


@pytest.mark.parametrize(
    ("line", "test"),
    [
        (TEST, 3),
        ("TEST 12, WRITING TASK 1", 12),
        ("TEST l WRITING TASK 2", 1),
        ("TEST4,WRITING TASK 2", 4),
        ("TEST, WRITING TASK 2", None),
    ],
)
def test_the_test_number_is_read(line: str, test: int | None) -> None:
    read = read_number(line, "test", find_test)
    assert read == (None if test is None else (test, 0.95))


def test_topic_and_comment_of_a_sheet() -> None:
    assert read_field(SHEET, "topic") == " ".join(TOPIC)
    assert read_field(SHEET, "comment") == " ".join(COMMENT)


def test_the_topic_ends_at_the_test_line_below_it() -> None:
    assert read_field([PROMPT, *TOPIC, TEST, BAND, *HAND, HEADER], "topic") == " ".join(TOPIC)


def test_instructions_are_no_part_of_the_topic() -> None:
    lines = [
        "You should spend about 40 minutes on this task.",
        PROMPT,
        *TOPIC,
        "Give reasons for your answer and include any relevant",
        "examples from your own knowledge or experience.",
        "Write at least 250 words.",
        TEST,
        BAND,
    ]
    assert read_field(lines, "topic") == " ".join(TOPIC)


def test_the_print_of_a_prompt_that_handwriting_follows_ends_before_it() -> None:
    trailer = "Write at least 250 words."
    page = words([TEST, BAND, PROMPT, *TOPIC, trailer, *HAND, HEADER, *COMMENT])
    anchors = find_anchors(page, 0.75)
    assert text_of(printed_below(page, anchors, "topic")) == " ".join([*TOPIC, trailer])
    assert text_of(field_words(page, anchors, "topic")) == " ".join(TOPIC)


def test_headings_page_numbers_and_specks_are_left_out() -> None:
    lines = [f"{PROMPT} ·", *TOPIC, "SAMPLE ANSWER", BAND, *HAND, HEADER, "~ " + COMMENT[0], "131"]
    assert read_field(lines, "topic") == " ".join(TOPIC)
    assert read_field(lines, "comment") == COMMENT[0]


@pytest.mark.parametrize("last", ["Page 3 of 4", "- page 12 -", "p. 7/8"])
def test_a_page_number_in_words_is_left_out(last: str) -> None:
    assert read_field([BAND, *HAND, HEADER, *COMMENT, last], "comment") == " ".join(COMMENT)


def test_a_last_line_about_pages_stays() -> None:
    lines = [BAND, *HAND, HEADER, *COMMENT, "page 2 is hard to read."]
    assert read_field(lines, "comment") == " ".join([*COMMENT, "page 2 is hard to read."])


def test_handwriting_beside_the_header_is_no_comment() -> None:
    page = words([BAND, *HAND, HEADER, *COMMENT])
    last = page[-1]
    beside = last.model_copy(
        update={
            "text": "ride",
            "line": next(word.line for word in page if word.text == "comment:"),
            "box": last.box.model_copy(
                update={"left": 800, "right": 840, "top": 260, "bottom": 280}
            ),
        }
    )
    at = next(i for i, word in enumerate(page) if word.text == "comment:") + 1
    page.insert(at, beside)
    found = field_words(page, find_anchors(page, 0.75), "comment")
    assert text_of(found) == " ".join(COMMENT)


def test_a_missing_anchor_gives_no_words() -> None:
    assert read_field([BAND, *HAND, HEADER], "topic") == ""
