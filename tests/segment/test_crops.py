import numpy as np
import pytest

from stages.config import SegmentSettings
from stages.errors import PageError
from stages.segment.crops import crop_name, segment_region

ORIGIN = (7, 100)


BASE = {
    "method": "projection",
    "thresholds": [0.5, 0.1, 0.09],
    "min_height": 14,
    "smooth": 1,
    "width": "tight",
}


def settings_for(**changes: object) -> SegmentSettings:
    return SegmentSettings.model_validate(BASE | changes)


@pytest.fixture
def region() -> np.ndarray:
    """Two lines of strokes, the second with a fifth of the first's ink."""
    pixels = np.full((160, 300, 3), 250, np.uint8)
    pixels[30:60, 40:240:2] = 20
    pixels[90:120, 50:90:2] = 20
    return pixels


def test_thresholds_give_candidates_in_their_order(region: np.ndarray) -> None:
    candidates, _ = segment_region(region, ORIGIN, settings_for(width="page"))
    assert [c.name for c in candidates] == ["projection@0.5", "projection@0.1", "projection@0.09"]
    assert [len(c.lines) for c in candidates] == [1, 2, 2]


def test_equal_crops_are_kept_once(region: np.ndarray) -> None:
    candidates, crops = segment_region(region, ORIGIN, settings_for(width="page"))
    named = [line.crop for candidate in candidates for line in candidate.lines]
    assert len(named) == 5
    assert set(crops) == set(named)
    assert candidates[1].lines == candidates[2].lines
    assert len(crops) == 2


@pytest.mark.parametrize("width", ["tight", "page"])
def test_boxes_are_page_pixels_and_show_their_crop(region: np.ndarray, width: str) -> None:
    candidates, crops = segment_region(region, ORIGIN, settings_for(width=width))
    page = np.zeros((400, 400, 3), np.uint8)
    page[100:260, 7:307] = region
    for line in candidates[1].lines:
        left, top, right, bottom = line.box.corners
        assert (page[top:bottom, left:right] == crops[line.crop]).all()
        assert line.ink > 0
    assert (candidates[1].lines[1].box.width == 300) == (width == "page")


def test_tight_crops_keep_all_the_ink(region: np.ndarray) -> None:
    candidates, _ = segment_region(region, (0, 0), settings_for())
    first, second = candidates[1].lines
    assert first.box.left <= 40 and first.box.right >= 239
    assert second.box.left <= 50 and second.box.right >= 89


def test_a_blank_region_is_a_page_error() -> None:
    with pytest.raises(PageError, match="no handwritten line"):
        segment_region(np.full((100, 100, 3), 240, np.uint8), (0, 0), settings_for())


def test_crop_names_tell_shapes_apart() -> None:
    flat = np.zeros((2, 6, 3), np.uint8)
    assert crop_name(flat) != crop_name(flat.reshape(6, 2, 3))
    assert crop_name(flat) == crop_name(flat.copy())
