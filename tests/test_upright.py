import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.upright import rotate, rotation


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
