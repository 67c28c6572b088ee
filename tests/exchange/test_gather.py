from math import hypot
from statistics import fmean

import cv2
import numpy as np
import pytest

from exchange.sheets import Region, Sheet, TextLine
from stages.pages.records import Transcription
from tests.exchange.pages import COMMENT, READ, TOPIC, frame, page_of, sheet_of


def region_of(sheet: Sheet, field: str) -> Region:
    return next(region for region in sheet.regions if region.field == field)


def row(line: TextLine) -> float:
    return fmean(y for _, y in line.baseline)


def test_print_and_handwriting_stand_in_reading_order_with_their_text() -> None:
    sheet = sheet_of(page_of(), "corrected")
    texts = {region.field: region.texts for region in sheet.regions}
    assert texts == {
        "topic": ["Some people think that cities are well-known", "for noise. Do you agree?"],
        "band": ["This is an answer written by a candidate who achieved a Band 6.5 score."],
        "essay": [*READ[:2], "they don't like it"],
        "examiner_comment": ["The writer answers both questions", "and gives examples."],
    }
    assert list(texts) == ["topic", "band", "essay", "examiner_comment"]
    assert " ".join(texts["topic"]) == TOPIC
    assert " ".join(texts["examiner_comment"]) == COMMENT


def test_regions_sorted_by_their_nearest_corner_keep_their_order() -> None:
    """As eScriptorium sorts them when lines are drawn: an essay as wide as the page came first."""
    regions = sheet_of(page_of()).regions
    near = {region.field: min(hypot(x, y) for x, y in region.polygon) for region in regions}
    assert sorted(near, key=lambda field: near[field]) == [region.field for region in regions]
    essay = next(region for region in regions if region.field == "essay")
    outline = np.array(essay.polygon, np.int32)
    points = [point for line in essay.lines for point in line.polygon]
    assert all(cv2.pointPolygonTest(outline, (x, y), measureDist=False) >= 0 for x, y in points)


@pytest.mark.parametrize("choice", ["transcription", "corrected", "raw"])
def test_each_field_says_where_its_text_comes_from(choice: str) -> None:
    typed = Transcription(essay=["Now a days"], band=7)
    sheet = sheet_of(page_of(typed), choice)
    by_hand = "transcription" if choice == "transcription" else choice
    machine = "corrected" if choice == "transcription" else choice
    assert {region.field: region.text_from for region in sheet.regions} == {
        "topic": machine,
        "band": by_hand,
        "essay": by_hand,
        "examiner_comment": machine,
    }
    assert sheet.band == (7 if choice == "transcription" else 6.5)
    assert f"essay: {by_hand}" in sheet.provenance
    confidences = [line.confidence for line in region_of(sheet, "essay").lines]
    assert all((confidence is None) == (by_hand == "transcription") for confidence in confidences)


def test_lines_that_were_not_found_are_placed_between_those_that_were() -> None:
    typed = ["A first line", READ[0], "two that nobody", "saw on the page", READ[1], READ[2], "End"]
    lines = region_of(sheet_of(page_of(Transcription(essay=typed))), "essay").lines
    assert [line.text for line in lines] == typed
    assert [line.estimated for line in lines] == [True, False, True, True, False, False, True]
    assert [row(line) for line in lines] == sorted({row(line) for line in lines})
    assert [line.crop for line in lines if line.crop] == ["crop0", "crop1", "crop2"]


def test_lines_found_beyond_the_transcription_stay_without_text() -> None:
    lines = region_of(sheet_of(page_of(Transcription(essay=[READ[0], READ[2]]))), "essay").lines
    assert [line.text for line in lines] == [READ[0], None, READ[2]]


def test_typed_print_is_kept_where_none_was_found() -> None:
    typed = Transcription(topic="Typed by hand", examiner_comment="Also typed", band=4)
    sheet = sheet_of(page_of(typed, printed=False))
    assert region_of(sheet, "topic").texts == ["Typed by hand"]
    assert region_of(sheet, "topic").lines[0].estimated
    top, _ = frame().path([(0, 280), (900, 280)])
    assert max(y for _, y in region_of(sheet, "topic").polygon) <= top[1] + 30
    assert [region.field for region in sheet_of(page_of(printed=False)).regions] == ["essay"]
