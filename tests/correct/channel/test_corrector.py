from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.config.composition import load
from stages.correct.channel.corrector import ChannelCorrector, Option, Position
from stages.correct.channel.surface import Sense
from stages.correct.corrector import TextLine, correct_text
from stages.pages.records import Alternative, Hypothesis, Token
from tests.correct.readings import read_line

CORRECTOR = ChannelCorrector(load(["correct=channel"]).correct.channel)


def corrected(*lines: TextLine) -> list[str]:
    return correct_text(lines, [CORRECTOR]).corrected


def test_a_misread_word_is_mended_where_the_recogniser_wavered() -> None:
    line = read_line("she was malking home", {8: {"w": 0.2}})
    assert corrected(line) == ["she was walking home"]


def test_a_learners_word_that_was_surely_read_stays() -> None:
    for text in ("the goverment must", "becouse it is importent", "many famillys is throwing"):
        assert corrected(read_line(text)) == [text]


def test_context_decides_between_words() -> None:
    assert corrected(read_line("in now york city", {4: {"e": 0.4}})) == ["in new york city"]
    assert corrected(read_line("he is now at home", {7: {"e": 0.3}})) == ["he is now at home"]


def test_a_full_stop_is_put_where_a_sentence_ends() -> None:
    first = read_line("they live by the sea", {20: {".": 0.2}})
    assert corrected(first, read_line("The next day")) == ["they live by the sea.", "The next day"]
    assert corrected(first, read_line("and the hills")) == ["they live by the sea", "and the hills"]


def test_two_words_run_together_are_divided() -> None:
    line = read_line("we live in-the city", {10: {" ": 0.2}})
    assert corrected(line) == ["we live in the city"]


@pytest.mark.parametrize("text", ["on 15 May 1496", "room 3b, 2nd floor", "£75 or 40%"])
def test_numbers_stay(text: str) -> None:
    others = {k: {"I": 0.3, "o": 0.15} for k, c in enumerate(text) if c.isdigit()}
    assert corrected(read_line(text, others)) == [text]


@given(st.text(st.sampled_from("abehlorstw ,.'-01A"), max_size=40))
@settings(max_examples=50)
def test_lines_without_evidence_stay(text: str) -> None:
    assert corrected(TextLine(text)) == [text]


def test_an_edit_says_why_and_how_sure() -> None:
    text = correct_text([read_line("she was malking home", {8: {"w": 0.2}})], [CORRECTOR])
    (edit,) = text.edits
    assert (edit.start, edit.end, edit.before, edit.after) == (8, 15, "malking", "walking")
    assert edit.score is not None
    assert edit.score > 0
    assert edit.reason == f"evidence -1.4, with context {edit.score:+.1f}"


WORDS = ("the", "they", "then", "now", "new", "York", "i", "I", "was.", "Was")
OPTIONS = st.builds(
    lambda surface, prior: Option(
        surface, 0.0, Sense((surface.strip(".").lower(),), 0, True), prior
    ),
    st.sampled_from(WORDS),
    st.floats(-9, 0),
)


@given(st.lists(st.lists(OPTIONS, min_size=1, max_size=3), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_the_best_path_is_the_best_of_all_paths(options: list[list[Option]]) -> None:
    def score(path: tuple[Option, ...]) -> float:
        contexts = zip((None, *path), (*path, None), strict=True)
        return sum(option.prior for option in path) + sum(
            CORRECTOR.context(before, after) for before, after in contexts
        )

    positions = [Position(0, 0, 1, row) for row in options]
    best = max(score(path) for path in product(*options))
    assert score(tuple(CORRECTOR.best_path(positions))) == pytest.approx(best)


@pytest.mark.parametrize(
    ("above", "below", "at"),
    [("opportun-", "ity is", 1), ("unders-", "tand it", 0), ("diff-", "erent people", 2)],
)
def test_halves_of_a_divided_word_stay_as_they_were_read(above: str, below: str, at: int) -> None:
    others = {at: {character: 0.15 for character in "acnotv" if character != below[at]}}
    assert corrected(read_line(f"we see the {above}"), read_line(below, others))[1] == below


def test_no_space_is_left_at_the_ends_of_a_word() -> None:
    first = read_line("we like the peoplen", {18: {" ": 0.45}})
    assert corrected(first, read_line("and so on")) == ["we like the people", "and so on"]
    tokens = [
        Token(text="Teh", logprob=-0.9, alternatives=[Alternative(text=" The", logprob=-0.6)]),
        Token(text=" people", logprob=-0.01),
        Token(text="", logprob=-0.01),
    ]
    line = TextLine("Teh people", [Hypothesis(text="Teh people", score=-0.1, tokens=tokens)])
    assert corrected(line) == ["The people"]
