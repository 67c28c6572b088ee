import cv2
import numpy as np
import pytest

from stages.config.composition import load
from stages.config.settings import SegmentSettings
from stages.errors import PageError
from stages.segment.crops import crop_name, segment_region
from tests.segment.written import essay, settings

ORIGIN = (7, 100)


def settings_for(width: str = "tight") -> SegmentSettings:
    return load(
        [
            "segment=projection",
            "segment.thresholds=[0.5,0.1,0.09]",
            "segment.projection.smooth=1",
            f"segment.crop.width={width}",
        ]
    ).segment


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


def test_straight_crops_show_one_line_each_on_level_ground() -> None:
    page = essay(3, 90, slope=0.04)
    candidates, crops = segment_region(page.region, ORIGIN, settings("segment.crop.margin=0.3"))
    (candidate,) = candidates
    assert len(candidate.lines) == len(crops) == 3
    for line in candidate.lines:
        crop = crops[line.crop]
        ink = crop.min(axis=2) < 150
        rows = np.flatnonzero(ink.any(axis=1))
        assert rows[0] > 0 and rows[-1] < len(crop) - 1
        assert abs(line.slope - 0.04) < 0.005
        assert line.box.width < 500 or len(crop) < line.box.height + 14
        dark = (page.labels == candidate.lines.index(line) + 1).sum()
        assert 0.9 < ink.sum() / dark < 1.2


def test_lines_tell_their_shape_in_page_pixels() -> None:
    page = essay(3, 90)
    candidates, _ = segment_region(page.region, ORIGIN, settings())
    for number, line in enumerate(candidates[0].lines, 1):
        outline = np.zeros(page.labels.shape, np.uint8)
        points = np.array(line.polygon) - ORIGIN
        cv2.fillPoly(outline, [points.astype(np.int32)], 1)
        own = page.labels == number
        assert (own & (outline > 0)).sum() > 0.95 * own.sum()
        baseline = [y - ORIGIN[1] for _, y in line.baseline]
        assert max(abs(y - number * 90) for y in baseline) <= 5
        assert 20 < line.height < 60
        assert line.flags == []


def test_lines_that_share_a_stroke_or_are_too_tall_are_flagged() -> None:
    page = essay(4, 90)
    cv2.line(page.region, (300, 80), (300, 190), (20, 20, 20), 3)
    candidates, _ = segment_region(page.region, ORIGIN, settings())
    flags = [line.flags for line in candidates[0].lines]
    assert ["touching" in flag for flag in flags] == [True, True, False, False]


@pytest.mark.parametrize("rules", ["keep", "remove"])
def test_a_candidate_may_have_no_line(rules: str) -> None:
    chosen = settings("segment.seams.min_ink=100", f"segment.crop.rules={rules}")
    with pytest.raises(PageError, match="no handwritten line"):
        segment_region(essay(2, 90).region, ORIGIN, chosen)


def test_every_threshold_of_seams_is_a_candidate() -> None:
    page = essay(3, 90)
    candidates, _ = segment_region(page.region, ORIGIN, settings("segment.thresholds=[0.2,0.4]"))
    assert [candidate.name for candidate in candidates] == ["seams@0.2", "seams@0.4"]
    assert [len(candidate.lines) for candidate in candidates] == [3, 3]
