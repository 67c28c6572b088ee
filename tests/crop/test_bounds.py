from collections.abc import Sequence

import pytest

from stages.crop.anchors import find_anchors
from stages.crop.bounds import Bounds, find_bounds, last_print
from tests.crop.drawing import BAND, COMMENT, HAND, HEADER, PROMPT, TEST, TOPIC, text_of, words

FIRST = (TEST, PROMPT, *TOPIC, BAND)
LONG = HAND * 6


def bounds_of(lines: Sequence[str]) -> tuple[Bounds, int]:
    """The bounds on a page that ends with its last line, and its height."""
    found = words(lines)
    height = found[-1].box.bottom + 100
    return find_bounds(found, {m.name: m for m in find_anchors(found, 0.75)}, height), height


def test_without_a_comment_the_learners_last_lines_are_no_comment() -> None:
    bounds, height = bounds_of([*FIRST, *LONG])
    assert (bounds.comment, bounds.below, bounds.bottom) == ([], [], height)
    assert [note.partition(":")[0] for note in bounds.notes] == ["comment"]
    assert "runs to the page's end" in bounds.notes[0]


def test_print_at_the_end_is_the_comment_though_its_sentence_is_missing() -> None:
    bounds, _ = bounds_of([*FIRST, *LONG, *COMMENT])
    assert text_of(bounds.comment) == " ".join(COMMENT)
    assert (bounds.below, bounds.bottom) == (bounds.comment, None)
    assert "the region ends above that" in bounds.notes[0]


@pytest.mark.parametrize("sure", [0.75, 0.87])
def test_a_line_of_handwriting_that_is_read_rather_surely_is_no_print(sure: float) -> None:
    assert last_print(words(["still need someone who look at us"], sure)) == []
    assert text_of(last_print(words(COMMENT, 0.91))) == " ".join(COMMENT)


def test_a_lone_sure_word_is_no_print() -> None:
    assert last_print([*words(HAND), *words(["me too"], 0.96)]) == []


def test_a_second_page_begins_at_its_top() -> None:
    bounds, _ = bounds_of([*LONG, HEADER, *COMMENT])
    assert (bounds.top, bounds.above) == (0, [])
    assert "begins at the page's top" in bounds.notes[2]


def test_print_without_the_band_leaves_a_third_of_the_height() -> None:
    bounds, height = bounds_of([TEST, PROMPT, *TOPIC, *LONG, HEADER, *COMMENT])
    assert bounds.top == int(0.33 * height)
    assert "33%" in bounds.notes[0]


def test_no_message_says_band_0() -> None:
    bounds, _ = bounds_of([PROMPT, *TOPIC, *LONG])
    assert "'TEST ..., WRITING TASK ...'" in bounds.notes[0]
    assert "Band ... score" in bounds.notes[1]
