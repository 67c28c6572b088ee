import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.crop.photo import as_scanned, even_light, find_outline, is_negative, is_uneven
from stages.ink import to_gray
from tests.crop.bad_pages import dotted, photograph, ruled, sheet_corners
from tests.crop.drawing import draw_sheet

SHEET = draw_sheet().pixels
HEIGHT, WIDTH = SHEET.shape[:2]


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 0.12), st.integers(20, 130), st.floats(0, 0.45))
def test_the_sheet_is_found_on_any_darker_table(tilt: float, table: int, shadow: float) -> None:
    photo = photograph(SHEET, tilt, table=round(table * (1 - shadow)), shadow=shadow)
    outline = find_outline(to_gray(photo))
    assert outline is not None
    truth = sheet_corners(WIDTH, HEIGHT, WIDTH // 16, tilt)
    assert np.abs(np.array(outline) - truth).max() < 0.025 * WIDTH


@pytest.mark.parametrize("shade", [0, 60])
def test_a_scan_is_given_back_as_it_is(shade: int) -> None:
    scan = (SHEET - np.linspace(0, shade, WIDTH)[None, :, None]).clip(0).astype(np.uint8)
    sheet = as_scanned(scan)
    assert (sheet.outline, sheet.notes) == (None, [])
    assert sheet.pixels is scan


def test_a_sheet_beside_another_dark_thing_is_no_photo() -> None:
    scan = SHEET.copy()
    scan[:, :40] = 30
    assert find_outline(to_gray(scan)) is None


def test_a_negative_is_made_a_positive() -> None:
    sheet = as_scanned(255 - SHEET)
    assert (sheet.pixels == SHEET).all()
    assert ["negative" in note for note in sheet.notes] == [True]


def test_a_dim_page_and_a_page_on_a_dark_table_are_no_negatives() -> None:
    assert not is_negative(to_gray((SHEET * 0.4).astype(np.uint8)))
    table = np.full((3 * HEIGHT, 2 * WIDTH, 3), 50, np.uint8)
    table[200 : 200 + HEIGHT, 150 : 150 + WIDTH] = SHEET
    assert np.median(table) == 50
    assert not is_negative(to_gray(table))


def test_shadows_are_taken_out() -> None:
    shadow = cv2.GaussianBlur(np.where(np.arange(WIDTH) < 500, 1.0, 0.4)[None], (0, 0), 20)
    dark = (SHEET * shadow[..., None]).astype(np.uint8)
    gray = to_gray(dark)
    assert is_uneven(gray) and not is_uneven(to_gray(SHEET))
    lit = even_light(dark, gray)
    assert not is_uneven(to_gray(lit))
    paper, ink = SHEET[..., 0] > 200, SHEET[..., 0] < 60
    assert np.quantile(lit[paper], 0.01) > 1.5 * np.quantile(lit[ink], 0.99)


@pytest.mark.parametrize("scale", [1, 3])
def test_squares_are_taken_out_and_the_ink_that_crosses_them_stays(scale: int) -> None:
    plain, squared = (
        np.repeat(np.repeat(sheet, scale, axis=0), scale, axis=1)
        for sheet in (SHEET, ruled(SHEET, across=True))
    )
    sheet = as_scanned(squared)
    assert ["squared" in note for note in sheet.notes] == [True]
    before, after = plain[..., 0], sheet.pixels[..., 0]
    assert (after[before < 60] < 120).all()
    paper = (
        cv2.erode((before > 240).astype(np.uint8), np.ones((7 * scale, 7 * scale), np.uint8)) > 0
    )
    assert (after[paper] < 225).mean() < 0.002


def test_dots_are_taken_out_and_the_ink_that_crosses_them_stays() -> None:
    drawn = draw_sheet()
    sheet = as_scanned(dotted(drawn))
    assert ["dotted" in note for note in sheet.notes] == [True]
    ink = SHEET[..., 0] < 60
    assert (sheet.pixels[ink] < 120).all()
    away = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    assert (dotted(drawn)[away] < 200).mean() > 0.005
    assert (sheet.pixels[away] < 200).mean() < 0.0002


def test_ruled_paper_stays_as_it_is() -> None:
    assert as_scanned(ruled(SHEET, across=False)).notes == []
