import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.pages.upright import rectify, rotate, rotation


@given(
    st.integers(20, 200), st.integers(20, 200), st.floats(-20, 20), st.floats(0, 1), st.floats(0, 1)
)
def test_rotation_keeps_every_pixel_on_the_page(
    width: int, height: int, degrees: float, u: float, v: float
) -> None:
    matrix, (new_width, new_height) = rotation(width, height, degrees)
    x, y = matrix @ np.array([u * (width - 1), v * (height - 1), 1.0])
    assert -0.5 <= x <= new_width - 0.5
    assert -0.5 <= y <= new_height - 0.5


def test_rotate_moves_pixels_as_rotation_says() -> None:
    page = np.full((80, 120, 3), 255, np.uint8)
    page[20:23, 90:93] = 0
    turned = rotate(page, 7.0)
    matrix, size = rotation(120, 80, 7.0)
    assert turned.shape == (size[1], size[0], 3)
    x, y = matrix @ np.array([91.0, 21.0, 1.0])
    rows, columns = np.nonzero(turned[..., 0] < 100)
    assert abs(columns.mean() - x) < 1
    assert abs(rows.mean() - y) < 1


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([-90, 90, 180, 270]))
def test_quarter_turns_keep_every_pixel(width: int, height: int, degrees: int) -> None:
    page = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    turned = rotate(page, degrees)
    matrix, size = rotation(width, height, degrees)
    assert turned.shape == (size[1], size[0], 3)
    x, y = matrix @ np.array([width - 1, 0, 1.0])
    assert (turned[round(y), round(x)] == page[0, width - 1]).all()
    assert (rotate(turned, -degrees) == page).all()


def test_a_quarter_and_a_little_more_is_one_turn() -> None:
    page = np.full((80, 120, 3), 255, np.uint8)
    page[20:23, 90:93] = 0
    turned = rotate(page, -88.0)
    matrix, size = rotation(120, 80, -88.0)
    assert turned.shape == (size[1], size[0], 3)
    rows, columns = np.nonzero(turned[..., 0] < 100)
    assert [columns.mean(), rows.mean()] == pytest.approx(matrix @ [91.0, 21.0, 1.0], abs=1)


def test_what_lay_outside_the_scan_has_the_median_colour() -> None:
    page = np.random.default_rng(0).integers(100, 200, (81, 121, 3), np.uint8)
    page[..., 1] -= 50
    assert (rotate(page, 7.0)[0, 0] == np.median(page.reshape(-1, 3), axis=0)).all()
    assert rotate(page[..., 0], 7.0)[0, 0] == np.median(page[..., 0])


def test_a_photo_is_flattened_onto_its_outline() -> None:
    scan = np.zeros((100, 100, 3), np.uint8)
    outline = [(20, 10), (80, 20), (90, 90), (10, 80)]
    cv2.fillConvexPoly(scan, np.array(outline), (255, 255, 255))
    flat = rectify(scan, outline)
    assert flat.shape[:2] == pytest.approx((71, 81), abs=2)
    assert flat[3:-3, 3:-3].mean() > 250
