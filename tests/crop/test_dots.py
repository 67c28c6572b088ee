import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.crop.dots import without_dots

HEIGHT, WIDTH = 900, 700
PAPER = 240


def page_with(points: np.ndarray, radius: int = 2) -> np.ndarray:
    """A page (HEIGHT, WIDTH, 3) with dots at the points (n, 2), x and y."""
    page = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    for x, y in np.rint(points).astype(int):
        cv2.circle(page, (int(x), int(y)), radius, (50, 50, 50), cv2.FILLED)
    return page


def rows(step: float, line: float, fall: float) -> np.ndarray:
    """Points all over the page: in rows so far apart, which fall so much to the right."""
    x, y = np.meshgrid(np.arange(30, WIDTH - 30, step), np.arange(40, HEIGHT - 60, line))
    return np.stack([x.ravel(), (y + fall * x).ravel()], axis=1)


def dark(page: np.ndarray) -> int:
    return int((page < 200).sum())


@settings(max_examples=20, deadline=None)
@given(
    step=st.floats(11, 40),
    line=st.floats(40, 90),
    fall=st.floats(-0.03, 0.03),
    radius=st.integers(1, 3),
)
def test_rows_of_dots_go(step: float, line: float, fall: float, radius: int) -> None:
    points = rows(step, line, fall)
    found = without_dots(page_with(points, radius))
    if len(points) > 150:
        assert found is not None
        assert dark(found) == 0


@pytest.mark.parametrize(("count", "radius"), [(600, 2), (3000, 2), (20_000, 1)])
def test_dots_that_stand_anywhere_stay(count: int, radius: int) -> None:
    points = np.random.default_rng(count).uniform(20, (WIDTH - 20, HEIGHT - 20), (count, 2))
    assert without_dots(page_with(points, radius)) is None


def test_a_row_that_words_have_left_little_of_goes_and_other_dots_stay() -> None:
    points = rows(12, 60, 0.0)
    x, y = points.T
    written = y == y.max()
    kept = ~written | (np.floor(x / 12) % 6 < 2)
    full_stops = np.array([[250.0, 470.0], [520.0, 590.0]])
    page = page_with(points[kept])
    for point in full_stops:
        cv2.circle(page, (int(point[0]), int(point[1])), 4, (50, 50, 50), cv2.FILLED)
    found = without_dots(page)
    assert found is not None
    alone = np.full_like(page, PAPER)
    for point in full_stops:
        cv2.circle(alone, (int(point[0]), int(point[1])), 4, (50, 50, 50), cv2.FILLED)
    assert (found == alone).all()
