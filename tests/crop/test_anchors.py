from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from stages.crop.anchors import SENTENCES, find_anchors, find_sentence
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

LOOKALIKES = {"o": "0", "l": "1", "i": "l", "e": "c", "h": "b", "s": "5", "a": "o", "t": "l"}


def found_texts(lines: Sequence[str]) -> dict[str, str]:
    page = words(lines)
    return {match.name: text_of(match.words(page)) for match in find_anchors(page, 0.75)}


def test_finds_each_sentence_of_a_sheet() -> None:
    assert found_texts(SHEET) == {"topic": PROMPT, "test": TEST, "band": BAND, "comment": HEADER}


@given(st.permutations([(TEST,), (PROMPT, *TOPIC), (BAND,)]))
def test_the_order_above_the_handwriting_does_not_matter(blocks: list[tuple[str, ...]]) -> None:
    lines = [line for block in blocks for line in block]
    page = words([*lines, *HAND, HEADER, *COMMENT])
    matches = find_anchors(page, 0.75)
    assert {match.name for match in matches} == set(SENTENCES)
    assert [match.start for match in matches] == sorted(match.start for match in matches)


@given(st.integers(1, 12))
def test_a_sentence_may_run_over_two_lines(first: int) -> None:
    parts = BAND.split()
    lines = [TEST, " ".join(parts[:first]), " ".join(parts[first:]), *HAND, HEADER]
    assert found_texts(lines)["band"] == BAND


@given(st.sampled_from(["'", "’", "‘", "`", ""]))
def test_any_apostrophe_will_do(apostrophe: str) -> None:
    header = f"Here is the examiner{apostrophe}s comment:"
    assert found_texts([BAND, *HAND, header])["comment"] == header


@given(st.integers(0, 10_000), st.floats(0, 0.12))
def test_slips_in_the_sentences_are_survived(seed: int, rate: float) -> None:
    random = Random(seed)

    def slip(char: str) -> str:
        return LOOKALIKES.get(char, char) if random.random() < rate else char

    lines = ["".join(map(slip, line)) for line in (PROMPT, BAND, HEADER)]
    assert set(found_texts([lines[0], *TOPIC, lines[1], *HAND, lines[2]])) >= {"topic", "band"}


def test_words_that_run_together_still_match() -> None:
    joined = "This is ananswer writtenby a candidate who achieved aBand 6.5score."
    assert found_texts([joined, *HAND, HEADER])["band"] == joined


def test_handwriting_does_not_win_over_print() -> None:
    echo = "here is the examiners coment"
    found = words([TEST, PROMPT, *TOPIC, BAND, echo, "test writing task", HEADER, *COMMENT])
    texts = {match.name: text_of(match.words(found)) for match in find_anchors(found, 0.75)}
    assert texts == {"topic": PROMPT, "test": TEST, "band": BAND, "comment": HEADER}


def test_a_test_line_with_slips_wins_over_a_clean_one_in_the_handwriting() -> None:
    print_line = "TE5T 3, WR1TlNG TASK 2"
    assert found_texts([print_line, BAND, "test 9 writing task", HEADER])["test"] == print_line


def test_the_comment_sentence_stands_below_the_band_sentence() -> None:
    page = words([HEADER, BAND, *HAND, "Here is the exominer's commnt:"])
    comment = next(match for match in find_anchors(page, 0.75) if match.name == "comment")
    assert text_of(comment.words(page)) == "Here is the exominer's commnt:"


def test_a_comment_may_speak_of_the_writing_task() -> None:
    spoken = "This is a good response to the writing task. In this writing test task it"
    assert "test" not in found_texts([*TOPIC, BAND, *HAND, HEADER, spoken])
    below = found_texts([BAND, *HAND, HEADER, "A good response.", TEST])
    assert below["test"] == TEST


@given(st.lists(st.sampled_from([*TOPIC, *COMMENT, *HAND]), max_size=12))
def test_other_text_holds_no_anchor(lines: list[str]) -> None:
    assert find_anchors(words(lines), 0.75) == []


def test_runs_do_not_overlap() -> None:
    page = words([HEADER, HEADER, *COMMENT])
    runs = find_sentence(page, HEADER, 0.75)
    assert [text_of(page[run.start : run.stop]) for run in runs] == [HEADER, HEADER]


def test_an_anchor_reports_its_box_and_text() -> None:
    page = words(SHEET)
    anchor = find_anchors(page, 0.75)[0].anchor(page)
    assert (anchor.name, anchor.text, anchor.similarity) == ("test", TEST, 1.0)
    assert anchor.box.corners == (100, 100, 100 + 10 * len(TEST), 120)
