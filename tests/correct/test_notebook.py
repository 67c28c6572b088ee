import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.correct.corrector import TextLine, correct_text
from stages.correct.notebook import NotebookCorrector, clean, sentence_case, word_replacements

CORRECTOR = NotebookCorrector()


def test_the_notebooks_losses_are_reproduced() -> None:
    """What the notebook was measured to do to a perfect transcription."""
    text = CORRECTOR.rewrite("It was 40 years ago, an importent thing.")
    assert "," not in text
    assert "40" not in text
    assert "impotent" in text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a ,b#c", "a, bc"),
        ("one~ two^ . three", "one two. three"),
        ("end Here is the examiner’s comment: leaked", "end"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_sentence_case() -> None:
    assert sentence_case("yes i am. no it is") == "Yes I am. No it is"


@given(st.text(max_size=40), st.text(max_size=40))
def test_word_replacements_rebuild_the_new_version(before: str, after: str) -> None:
    text = before
    for found in reversed(word_replacements(0, before, after)):
        text = text[: found.start] + found.after + text[found.end :]
    assert text == after


def test_the_whole_text_becomes_one_line() -> None:
    text = correct_text([TextLine("some peple"), TextLine("think so")], [CORRECTOR])
    assert text.corrected == ["Some people think so"]
    assert {edit.line for edit in text.edits} == {-1}
