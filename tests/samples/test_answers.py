from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from samples.answers import (
    Word,
    markup,
    parse_line,
    read_answers,
    read_as,
    transcribe,
    typeset,
)
from samples.style import STYLES
from stages.errors import UserError

WORDS = st.lists(
    st.builds(
        Word,
        st.from_regex(r"[!-\]_-}]{1,8}", fullmatch=True),
        st.sampled_from(["plain", "struck", "inserted"]),
    ),
    min_size=1,
    max_size=8,
)


def test_marked_passages_are_read_word_by_word() -> None:
    assert parse_line("would ~~to go~~ ^have^ gone") == [
        Word("would"),
        Word("to", "struck"),
        Word("go", "struck"),
        Word("have", "inserted"),
        Word("gone"),
    ]


@given(WORDS)
def test_markup_and_parsing_are_inverse(words: list[Word]) -> None:
    assert parse_line(markup(words)) == words


def test_struck_words_are_not_transcribed_and_insertions_stand_in_their_place() -> None:
    assert read_as(parse_line("he ~~goed~~ went ^back^ home.")) == "he went back home."


@pytest.mark.parametrize("line", ["a ~~b", "a ^b", "a^ b ~~c~~"])
def test_an_open_marker_is_an_error_that_shows_the_line(line: str) -> None:
    with pytest.raises(UserError, match="markup not closed"):
        parse_line(line)


def test_curly_print_opens_and_closes_quotes() -> None:
    assert typeset("the writer's ('make') \"x\"", True) == "the writer’s (‘make’) “x”"
    assert typeset("the writer's", False) == "the writer's"


def test_the_texts_cover_the_bands_and_stay_short() -> None:
    answers = read_answers()
    assert [answer.band for answer in answers] == [4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8]
    for answer in answers:
        lines = transcribe(answer, curly=False).essay or []
        assert 9 <= len(lines) <= 14
        assert 60 <= len(" ".join(lines).split()) <= 130
        assert all(line.isascii() for line in lines)


def test_every_answer_has_a_style() -> None:
    assert [answer.page for answer in read_answers()] == list(STYLES)


def test_the_texts_cross_out_and_insert() -> None:
    kinds = {word.kind for answer in read_answers() for line in answer.lines for word in line}
    assert kinds == {"plain", "struck", "inserted"}


def test_a_broken_texts_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "texts.yaml"
    path.write_text(yaml.safe_dump([{"page": "x", "band": 6.2}]))
    with pytest.raises(UserError, match=r"texts\.yaml"):
        read_answers(path)
