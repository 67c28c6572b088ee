import numpy as np
import pytest
from jiwer import cer

from stages.config.settings import CropSettings
from stages.crop.photo import find_outline
from stages.crop.sheet import read_sheet
from stages.errors import PageError
from stages.ink import to_gray
from stages.pages.upright import rotate, rotation
from tests.crop.drawing import (
    BAND,
    COMMENT,
    HAND,
    HEADER,
    PROMPT,
    SHEET,
    TEST,
    TOPIC,
    Drawn,
    draw_sheet,
)

BELOW = (PROMPT, *TOPIC, TEST, BAND, *HAND, HEADER, *COMMENT)


@pytest.mark.parametrize(("lines", "skew"), [(SHEET, 1.3), (BELOW, -0.7)])
def test_a_drawn_sheet_is_read_and_cut(
    lines: tuple[str, ...], skew: float, settings: CropSettings
) -> None:
    sheet = draw_sheet(lines)
    scan = rotate(sheet.pixels, skew)
    layout, essay = read_sheet(scan, "sheet", "sheet.png", settings)
    assert layout.rotation_degrees == pytest.approx(-skew, abs=0.06)
    assert layout.topic is not None
    assert layout.topic.text == " ".join(TOPIC)
    assert layout.comment is not None
    assert layout.comment.text == " ".join(COMMENT)
    assert (layout.test, layout.band, layout.fallbacks) == (3, 6.5, [])
    assert layout.test_confidence is not None and layout.test_confidence > 0.5
    assert {anchor.name for anchor in layout.anchors} == {"topic", "test", "band", "comment"}
    assert essay.shape == (layout.region.height, layout.width, 3)

    upright = rotate(scan, layout.rotation_degrees)
    hand = rotate(rotate(sheet.hand.astype(np.uint8) * 255, skew), layout.rotation_degrees) > 128
    assert hand.shape == upright.shape[:2]
    box = layout.region
    assert hand[box.top : box.bottom].sum() == hand.sum()
    near = rotate(rotate(sheet.hand.astype(np.uint8) * 255, skew), layout.rotation_degrees) > 0
    assert not ((essay[..., 0] < 128) & ~near[box.top : box.bottom]).any()


def test_a_margin_line_through_the_print_costs_none_of_it(settings: CropSettings) -> None:
    sheet, thick = draw_sheet(SHEET), 5
    dark = np.nonzero((sheet.pixels[..., 0] < 128).any(axis=0))[0]
    ruled = sheet.pixels.copy()
    at = int(dark[0]) + 12
    ruled[:, at : at + thick] = np.minimum(ruled[:, at : at + thick], 70)
    layout, essay = read_sheet(ruled, "sheet", "sheet.png", settings)
    assert layout.topic is not None and layout.comment is not None
    assert cer(" ".join(TOPIC), layout.topic.text) < 0.05
    assert cer(" ".join(COMMENT), layout.comment.text) < 0.05
    assert (layout.band, layout.fallbacks) == (6.5, [])
    rows = slice(layout.region.top, layout.region.bottom)
    print_left = (essay[..., 0] < 128) & ~sheet.hand[rows]
    print_left[:, at - 3 : at + thick + 3] = False
    assert not print_left.any()


def test_a_missing_comment_sentence_falls_back_and_says_so(settings: CropSettings) -> None:
    layout, _ = read_sheet(draw_sheet(SHEET[:-3]).pixels, "p", "p.png", settings)
    assert (layout.region.bottom, layout.comment) == (layout.height, None)
    assert ["the page's end" in text for text in layout.fallbacks] == [True]
    assert layout.band == 6.5


@pytest.mark.parametrize("option", ["single_pass", "twelve_pass"])
def test_a_comment_without_its_sentence_ends_the_region(
    option: str, settings: CropSettings
) -> None:
    chosen = settings.model_copy(update={"comment": option})
    lines = [line for line in SHEET if line != HEADER]
    layout, _ = read_sheet(draw_sheet(lines).pixels, "p", "p.png", chosen)
    assert layout.comment is not None
    assert cer(" ".join(COMMENT), layout.comment.text) < 0.05
    first = min(word.box.top for word in layout.words if word.text in ("The", "writer"))
    assert layout.region.bottom <= first


def test_a_second_page_is_cut_from_its_top(settings: CropSettings) -> None:
    sheet = draw_sheet((*HAND, HEADER, *COMMENT))
    layout, _ = read_sheet(sheet.pixels, "p", "p.png", settings)
    assert layout.region.top == 0
    assert layout.band is None and layout.comment is not None


@pytest.mark.parametrize(("tilt", "noted"), [(4.0, False), (4.9, True), (7.0, True)])
def test_a_tilt_at_the_limit_is_noted(tilt: float, noted: bool, settings: CropSettings) -> None:
    scan = rotate(draw_sheet().pixels, tilt)
    layout, _ = read_sheet(scan, "p", "p.png", settings.model_copy(update={"min_similarity": 0.5}))
    assert any("crop.max_skew_degrees" in text for text in layout.fallbacks) == noted


def test_a_lighter_box_on_a_tinted_form_costs_no_print(settings: CropSettings) -> None:
    sheet = draw_sheet((TEST, PROMPT, *TOPIC, BAND, *HAND * 5, HEADER, *COMMENT))
    rows = np.flatnonzero(sheet.hand.any(axis=1))
    form = (sheet.pixels * 0.75).astype(np.uint8)
    box = np.s_[rows[0] - 20 : rows[-1] + 20, 40:-40]
    form[box] = sheet.pixels[box]
    assert find_outline(to_gray(form))
    layout, _ = read_sheet(form, "p", "p.png", settings)
    assert (layout.band, layout.test, layout.outline) == (6.5, 3, None)
    assert layout.topic and layout.comment


def test_a_missing_band_sentence_falls_back_and_says_so(settings: CropSettings) -> None:
    lines = [line for line in SHEET if line != BAND]
    layout, _ = read_sheet(draw_sheet(lines).pixels, "p", "p.png", settings)
    assert layout.band is None
    assert ["33%" in text for text in layout.fallbacks] == [True]
    assert layout.comment is not None


@pytest.mark.parametrize(
    ("sheet", "reason"),
    [
        (Drawn(np.full((800, 600, 3), 250, np.uint8), np.zeros((800, 600), np.bool_)), "blank"),
        (draw_sheet((*COMMENT, *HAND, *COMMENT)), "no printed sentence was found"),
        (draw_sheet((TEST, PROMPT, *TOPIC, BAND, HEADER, *COMMENT)), "no handwriting between"),
    ],
)
def test_pages_that_are_no_answer_sheets_are_rejected(
    sheet: Drawn, reason: str, settings: CropSettings
) -> None:
    with pytest.raises(PageError, match=reason):
        read_sheet(sheet.pixels, "p", "p.png", settings)


def test_the_twelve_passes_read_the_comment_too(settings: CropSettings) -> None:
    twelve = settings.model_copy(update={"comment": "twelve_pass"})
    layout, _ = read_sheet(draw_sheet().pixels, "p", "p.png", twelve)
    assert layout.comment is not None
    assert cer(" ".join(COMMENT), layout.comment.text) < 0.05


def test_pixels_map_to_the_page_through_the_recorded_rotation(settings: CropSettings) -> None:
    scan = rotate(draw_sheet().pixels, 1.0)
    layout, _ = read_sheet(scan, "p", "p.png", settings)
    _, size = rotation(scan.shape[1], scan.shape[0], layout.rotation_degrees)
    assert size == (layout.width, layout.height)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (900, 2, 3)])
def test_a_scrap_of_an_image_is_rejected(shape: tuple[int, ...], settings: CropSettings) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    with pytest.raises(PageError):
        read_sheet(pixels, "p", "p.png", settings)
