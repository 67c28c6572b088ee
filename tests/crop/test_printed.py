import cv2
import numpy as np
import pytest

from stages.crop.printed import hide_tall_ink, letter_height, reading_scale, without_frames
from stages.ink import find_components, find_ink
from tests.crop.drawing import SHEET, draw_sheet


@pytest.mark.parametrize("size", [20, 30, 44])
def test_letter_height_is_that_of_the_print(size: int) -> None:
    components = find_components(find_ink(draw_sheet(size=size).pixels[..., 0]))
    assert 0.6 * size <= letter_height(components) <= size


def test_a_page_without_ink_has_no_letters() -> None:
    assert letter_height(find_components(np.zeros((50, 50), np.bool_))) == 0


def test_tall_strokes_go_and_letters_stay() -> None:
    sheet = draw_sheet(SHEET)
    gray = sheet.pixels[..., 0]
    components = find_components(find_ink(gray))
    none = np.zeros(gray.shape, np.bool_)
    shown = hide_tall_ink(gray, components, letter_height(components), none) < 128
    assert not (shown & sheet.hand).any()
    assert np.array_equal(shown, (gray < 128) & ~sheet.hand)


def test_a_frame_goes_whole() -> None:
    gray = draw_sheet(SHEET).pixels[..., 0].copy()
    letters = letter_height(find_components(find_ink(gray)))
    plain = gray < 128
    x, y = (int(at.max()) + 5 for at in np.nonzero(plain)[::-1])
    cv2.rectangle(gray, (5, 5), (x, y), 0, 3)
    frame = (gray < 128) & ~plain
    ink = find_ink(gray)
    clean, rules = without_frames(ink, find_components(ink), letters)
    shown = hide_tall_ink(gray, find_components(clean), letters, rules) < 128
    assert (shown & frame).sum() < 0.01 * frame.sum()  # in its corners


@pytest.mark.parametrize(
    ("letters", "scale"), [(0, 1.0), (5, 2.0), (13, 2.0), (22, 1.0), (28, 1.0), (52, 0.5)]
)
def test_print_far_from_26_pixels_is_resized_for_reading(letters: float, scale: float) -> None:
    assert reading_scale(letters) == scale
