import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange.frame import corners, frame_of
from stages.errors import UserError
from stages.pages.records import Box, Layout
from stages.pages.upright import rectify, rotate, rotation
from tests.exchange.pages import layout_of


def layout_for(width: int, height: int, degrees: float) -> Layout:
    _, (turned_width, turned_height) = rotation(width, height, degrees)
    return layout_of(False).model_copy(
        update={"width": turned_width, "height": turned_height, "rotation_degrees": degrees}
    )


@pytest.mark.parametrize("degrees", [-3.0, -0.6, 0.0, 2.0, 12.5])
@pytest.mark.parametrize("dot", [(40, 30), (150, 200), (215, 15)])
def test_a_dot_seen_on_the_upright_page_is_found_on_the_scan(
    degrees: float, dot: tuple[int, int]
) -> None:
    scan = np.full((260, 240, 3), 255, np.uint8)
    x, y = dot
    scan[y - 2 : y + 3, x - 2 : x + 3] = 0
    rows, columns = np.nonzero(rotate(scan, degrees)[..., 0] < 128)
    seen = round(columns.mean()), round(rows.mean())
    (found, *_) = frame_of(240, 260, layout_for(240, 260, degrees)).path([seen, (0, 0)])
    assert np.abs(np.subtract(found, dot)).max() <= 1


@settings(deadline=None)
@given(
    size=st.tuples(st.integers(2, 3000), st.integers(2, 3000)),
    degrees=st.floats(-20, 20).map(lambda angle: round(angle, 2)),
    points=st.lists(st.tuples(st.integers(-50, 4000), st.integers(-50, 4000)), min_size=1),
)
def test_outlines_and_paths_stay_on_the_scan(
    size: tuple[int, int], degrees: float, points: list[tuple[int, int]]
) -> None:
    frame = frame_of(*size, layout_for(*size, degrees))
    outline, path = frame.outline(points), frame.path(points)
    assert len(set(outline)) >= 3
    assert len(path) >= 2
    for x, y in [*outline, *path]:
        assert 0 <= x < size[0]
        assert 0 <= y < size[1]


def test_a_box_is_cut_at_the_edge_of_the_scan_not_bent() -> None:
    layout = layout_for(1000, 1400, 2.0)
    frame = frame_of(1000, 1400, layout)
    polygon = np.array(frame.box(Box(left=0, top=300, right=layout.width, bottom=900)))
    assert polygon.min(axis=0)[0] == 0
    assert polygon.max(axis=0)[0] == 999
    sides = np.roll(polygon, -1, axis=0) - polygon
    slopes = [dy / dx for dx, dy in sides if abs(dx) > 500]
    assert np.allclose(np.abs(slopes), np.tan(np.deg2rad(2.0)), atol=0.002)


@settings(deadline=None)
@given(
    size=st.tuples(st.integers(2, 1500), st.integers(2, 1500)),
    degrees=st.sampled_from([0.0, 90.0, 180.0]) | st.floats(-20, 20).map(lambda d: round(d, 2)),
    start=st.tuples(st.integers(0, 1500), st.integers(0, 1500)),
    sides=st.tuples(st.sampled_from([1, 2, 40, 1500]), st.sampled_from([1, 2, 40, 1500])),
)
@example(size=(355, 141), degrees=0.0, start=(239, 140), sides=(116, 1))
@example(size=(421, 819), degrees=0.0, start=(420, 450), sides=(1, 50))
@example(size=(6, 6), degrees=90.0, start=(0, 3), sides=(40, 2))
@example(size=(3, 1442), degrees=0.5, start=(8, 227), sides=(1, 1215))
def test_boxes_however_thin_stay_on_the_scan_where_they_were(
    size: tuple[int, int], degrees: float, start: tuple[int, int], sides: tuple[int, int]
) -> None:
    layout = layout_for(*size, degrees)
    left, top = min(start[0], layout.width - 1), min(start[1], layout.height - 1)
    right, bottom = min(left + sides[0], layout.width), min(top + sides[1], layout.height)
    frame = frame_of(*size, layout)
    box = Box(left=left, top=top, right=right, bottom=bottom)
    found = frame.box(box)
    assert len(set(found)) >= 3
    assert np.min(found) >= 0
    assert (np.max(found, axis=0) < size).all()
    around = frame.outline(corners(box))
    assert (np.min(found, axis=0) >= np.min(around, axis=0) - 2).all()
    assert (np.max(found, axis=0) <= np.max(around, axis=0) + 2).all()


def test_a_scan_of_another_size_is_refused() -> None:
    with pytest.raises(UserError, match=r"page\.png: is 999 x 1400 now.*dvc repro"):
        frame_of(999, 1400, layout_for(1000, 1400, 2.0))


def test_a_point_of_a_flattened_photo_goes_back_to_where_the_photo_shows_it() -> None:
    scan = np.zeros((120, 120, 3), np.uint8)
    cv2.circle(scan, (70, 40), 3, (255, 255, 255), -1)
    outline = [(20, 10), (100, 25), (110, 110), (12, 95)]
    flat = rectify(scan, outline)
    turned = rotate(flat, 90.0)
    now = {"outline": outline, "rotation_degrees": 90.0}
    now |= {"width": turned.shape[1], "height": turned.shape[0]}
    layout = layout_of().model_copy(update=now)
    rows, columns = np.nonzero(turned[..., 0] > 128)
    middle = round(columns.mean()), round(rows.mean())
    x, y = frame_of(120, 120, layout).path([middle])[0]
    assert abs(x - 70) <= 2 and abs(y - 40) <= 2
