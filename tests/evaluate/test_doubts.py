"""What is told of pages to look at."""

import pytest

from stages.crop.bounds import find_bounds
from stages.evaluate.doubts import flagged, guesses, in_short, miscounted, unlike
from stages.pages.records import LineFlag
from tests.records import make_line


@pytest.mark.parametrize(
    ("fallback", "told"),
    [
        ("band: the number in its sentence could not be read; left empty", "band not read"),
        ("scan: upside down; turned by 180 degrees", "upside down"),
        ("scan: unevenly lit; the shadows were taken out", "unevenly lit"),
        *((note, f"{note.partition(':')[0]} not found") for note in find_bounds([], {}, 9).notes),
    ],
)
def test_a_fallback_is_told_in_few_words(fallback: str, told: str) -> None:
    assert in_short(fallback) == told


def test_what_was_done_to_the_scan_is_no_guess() -> None:
    told = ["scan: on its side; turned by 90 degrees", "test: not found", "band: not found; left"]
    assert guesses(told) == ["band not found"]


def test_flags_of_lines_are_whole_words() -> None:
    flags: list[list[LineFlag]] = [["too_tall", "touching"], ["touching"], []]
    lines = [make_line("c", 9).model_copy(update={"flags": own}) for own in flags]
    assert flagged(lines) == ["1 line is much taller than the others", "2 lines touch a neighbour"]


def _row(page: str, **cells: str) -> dict[str, str]:
    usual = {"status": "done", "essay_cer_raw": "0.1", "essay_line_count_error": "0"}
    lines = {"essay_lines": "12", "essay_lines_transcribed": "13"}
    return {"page": page, **usual, **lines, **cells}


def test_a_transcription_that_hardly_agrees_is_named() -> None:
    rows = [
        _row("a", essay_cer_raw="0.6"),
        _row("b", essay_cer_raw="0.79"),
        _row("c", essay_cer_raw=""),
        _row("d", essay_cer_raw="1.0", status="rejected"),
    ]
    assert unlike(rows) == [
        "data/transcriptions/b.yaml: hardly anything agrees with what was read (CER 79 %);"
        " is it of another page?"
    ]


def test_pages_with_other_numbers_of_lines_are_named_worst_first() -> None:
    rows = [
        _row("a"),
        _row("b", essay_line_count_error="1"),
        _row("c", essay_line_count_error=""),
        _row("d", essay_line_count_error="3", essay_lines="1", essay_lines_transcribed="4"),
        _row("e", essay_line_count_error="9", status="rejected"),
    ]
    assert miscounted(rows) == ["d: 1 line found, 4 typed", "b: 12 lines found, 13 typed"]
