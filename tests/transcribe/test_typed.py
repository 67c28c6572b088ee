from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.pages.records import Transcription
from stages.pages.transcriptions import parse_typed
from transcribe.typed import clean, updated

FILE = """\
# typed by hand
essay: |
  One line
  and anuther   # no comment

band: 6  # as printed
topic: A question
  over two lines?
# the end
"""


def test_what_did_not_change_stays_byte_for_byte() -> None:
    changes = {"essay": ["One line", "and anuther   # no comment"], "band": 6.0}
    assert updated(FILE, changes) == FILE
    assert updated(FILE, {}) == FILE


def test_a_changed_field_leaves_order_comments_and_the_others_alone() -> None:
    assert updated(FILE, {"essay": ["One line", "and: another", "third"]}) == FILE.replace(
        "  and anuther   # no comment\n\n", "  and: another\n  third\n"
    )
    assert updated(FILE, {"band": 6.5}) == FILE.replace("band: 6  #", "band: 6.5  #")
    assert updated(FILE, {"topic": "New?"}) == FILE.replace("A question\n  over two lines?", "New?")
    assert updated(FILE, {"examiner_comment": "Good."}) == FILE + "examiner_comment: Good.\n"
    assert updated(FILE, {"band": None}) == FILE.replace("band: 6  # as printed\n", "")


def test_a_comment_behind_a_text_of_one_line_moves_above_one_of_several() -> None:
    text = "essay: one line  # by AB\nband: 6 # sure\n"
    assert updated(text, {"essay": ["one", "line"]}) == (
        "# by AB\nessay: |\n  one\n  line\nband: 6 # sure\n"
    )


def test_a_new_file_is_as_the_samples_are() -> None:
    new = updated(None, {"topic": "A: b?", "band": 6.0, "essay": ["# one", "- two"]})
    assert new == "topic: 'A: b?'\nband: 6.0\nessay: |\n  # one\n  - two\n"
    assert updated(None, {"topic": None}) is None
    assert updated("topic: a\n", {"topic": None}) is None


def test_a_field_that_was_typed_as_empty_stays() -> None:
    text = "topic: ''  # nothing is printed\nband: 5.0\n"
    assert updated(text, {"topic": None, "band": 6.0}) == text.replace("5.0", "6.0")


@pytest.mark.parametrize(
    "text",
    [
        "{topic: a, band: 5}",
        "topic: a\nessay:\n- one\n- two\nband: 5",
        "topic: >-\n  folded\n  text\n\nband: 5\n",
        "essay: single line # note\ntopic: 'q'\n",
        "---\ntopic: a\n...\n",
    ],
)
def test_whatever_the_style_the_new_values_are_read_back(text: str) -> None:
    changes: dict[str, Any] = {"essay": ["new", "lines"], "topic": "b", "examiner_comment": "c"}
    after = updated(text, changes)
    assert after is not None
    expected = {**parse_typed(text, "f").model_dump(), **changes}
    assert parse_typed(after, "f") == Transcription.model_validate(expected)


LINE = st.text(max_size=40).map(clean)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "topic": LINE.map(lambda text: text or None),
        "band": st.sampled_from([None, 0.0, 6.5, 9.0]),
        "essay": st.lists(LINE.filter(bool), min_size=1, max_size=4) | st.none(),
        "examiner_comment": LINE.map(lambda text: text or None),
    },
)


@given(FIELDS, FIELDS)
def test_any_text_comes_back_as_it_was_typed(first: dict[str, Any], second: dict[str, Any]) -> None:
    text: str | None = None
    values: dict[str, Any] = {}
    for changes in (first, second):
        text = updated(text, changes)
        values |= changes
        wanted = Transcription.model_validate(values)
        assert (Transcription() if text is None else parse_typed(text, "f")) == wanted


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")
    assert len(clean(text).splitlines()) <= 1
