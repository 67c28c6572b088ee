import dataclasses

import numpy as np

from samples.answers import read_answers
from samples.frame import PrintedLine, draw, foot, head, wrap
from samples.style import STYLES, Style

ANSWER = read_answers()[4]


def texts(lines: list[PrintedLine]) -> list[str]:
    return [line.text for line in lines]


def style(**changes: object) -> Style:
    return dataclasses.replace(STYLES["01-food-waste"], **changes)


def test_the_test_line_stands_above_or_below_the_prompt() -> None:
    header = f"TEST {ANSWER.test}, WRITING TASK 2"
    above = texts(head(ANSWER, style(test_above=True))[0])
    below = texts(head(ANSWER, style(test_above=False))[0])
    assert above[0] == header
    assert below[0] == "Write about the following topic:"
    assert below[-2] == header


def test_the_band_is_printed_whole_or_with_its_decimal() -> None:
    whole = ANSWER.model_copy(update={"band": 7.0})
    assert texts(head(whole, style(decimal_band=True))[0])[-1].endswith("Band 7.0 score.")
    assert texts(head(whole, style(decimal_band=False))[0])[-1].endswith("Band 7 score.")


def test_the_band_sentence_breaks_where_it_is_given_less_room() -> None:
    printed = texts(head(ANSWER, style(sentence_share=0.6))[0])
    assert not printed[-2].endswith("score.")
    assert " ".join(printed[-2:]) == (
        "This is an answer written by a candidate who achieved a Band 6.5 score."
    )


def test_the_comment_heading_has_either_apostrophe() -> None:
    assert texts(foot(ANSWER, style(curly=False), 0)[0])[0] == "Here is the examiner's comment:"
    assert texts(foot(ANSWER, style(curly=True), 0)[0])[0] == "Here is the examiner\u2019s comment:"


def test_wrapping_keeps_every_word_and_the_width() -> None:
    font = head(ANSWER, style())[0][0].font
    lines = wrap(ANSWER.comment, font, 400)
    assert " ".join(lines) == ANSWER.comment
    assert all(font.getlength(line) <= 400 for line in lines)


def test_print_stays_within_its_rows() -> None:
    lines, bottom = head(ANSWER, style())
    coverage = draw(lines, round(bottom) + 50, 1654)
    rows = np.nonzero(coverage.any(axis=1))[0]
    assert rows.min() >= lines[0].top
    assert rows.max() < bottom
