import numpy as np
import pytest

from stages.crop.skew import find_skew
from stages.ink import find_components, find_ink
from stages.pages.upright import rotate
from tests.crop.drawing import draw_sheet


def skew_of(pixels: np.ndarray, max_degrees: float = 5.0) -> float:
    return find_skew(find_components(find_ink(pixels[..., 0])), max_degrees)


@pytest.mark.parametrize("degrees", [-3.0, -1.2, -0.4, 0.0, 0.15, 0.8, 2.5])
def test_the_angle_that_levels_a_turned_page(degrees: float) -> None:
    assert skew_of(rotate(draw_sheet().pixels, degrees)) == pytest.approx(-degrees, abs=0.06)


def test_the_print_decides_not_the_handwriting() -> None:
    sheet = draw_sheet()
    rows = np.flatnonzero(sheet.hand.any(axis=1))
    sloping = rotate(sheet.pixels[rows[0] : rows[-1] + 1], 3.0)
    height, width = min(len(sloping), rows[-1] + 30 - rows[0]), sheet.pixels.shape[1]
    page = sheet.pixels.copy()
    page[rows[0] : rows[0] + height] = sloping[:height, :width]
    assert skew_of(page) == pytest.approx(0.0, abs=0.06)


def test_the_angle_stays_within_its_bound() -> None:
    turned = rotate(draw_sheet().pixels, 3.0)
    assert abs(skew_of(turned, 1.0)) <= 1.0
    assert skew_of(turned, 0.0) == 0.0


def test_a_page_with_too_few_letters_is_left_as_it_is() -> None:
    assert skew_of(draw_sheet(["no print"]).pixels) == 0.0
    assert skew_of(np.full((400, 300, 3), 240, np.uint8)) == 0.0
