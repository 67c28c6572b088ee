import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from samples.__main__ import varied_pages
from stages.errors import PageError
from stages.segment.crops import segmentations
from tests.segment.written import Written, all_found, essay, find, lines_of, score, settings


@hypothesis_settings(max_examples=15, deadline=None)
@given(
    st.integers(2, 10),
    st.integers(55, 120),
    st.floats(-0.05, 0.05),
)
def test_every_line_is_found_at_any_distance_and_slope(
    count: int, pitch: int, slope: float
) -> None:
    page = essay(count, pitch, slope)
    assert all_found(page, find(page.region))


@pytest.mark.parametrize("count", [1, 40])
def test_one_line_and_forty(count: int) -> None:
    page = essay(count, 60)
    assert all_found(page, find(page.region))


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_resolution_does_not_matter(scale: float) -> None:
    page = essay(6)
    region = cv2.resize(page.region, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    size = region.shape[1], region.shape[0]
    labels = cv2.resize(page.labels, size, interpolation=cv2.INTER_NEAREST)
    assert all_found(Written(region, labels), find(region))


def test_dithered_writing_is_refused_at_once() -> None:
    page = essay(20, width=1600)
    paper = np.random.default_rng(0).normal(0, 4, page.labels.shape) + 0.98 * page.region[..., 0]
    dithered = Image.fromarray(paper.clip(0, 255).astype(np.uint8)).convert("1").convert("RGB")
    with pytest.raises(PageError, match=r"dithered.*scan it in grey"):
        find(np.asarray(dithered))


def test_far_too_many_lines_at_one_threshold_are_none_there() -> None:
    region = np.full((600, 600, 3), 255, np.uint8)
    region[np.random.default_rng(0).random((600, 600)) < 0.2] = 0
    with pytest.raises(PageError, match="dithered"):
        find(region, "segment.thresholds=[0.5]")
    some, none = segmentations(region, settings("segment.thresholds=[0.1,0.5]"))
    assert some.count
    assert none.count == 0


def test_noise_and_ruled_lines_do_not_matter() -> None:
    page = essay(6)
    noise = np.random.default_rng(1).normal(0, 12, page.labels.shape)[..., None]
    page.region = np.clip(page.region + noise, 0, 255).astype(np.uint8)
    for row in range(75, len(page.region), 70):
        page.region[row : row + 2] = 150
    assert all_found(page, find(page.region))


def test_a_page_number_far_below_makes_the_last_line_no_taller() -> None:
    page = essay(6)
    plain = find(page.region)
    below = ((0, 220), (0, 0))
    region = np.pad(page.region, (*below, (0, 0)), mode="edge")
    foot = len(page.region) + 160
    region[foot : foot + 30, 500:505] = 30
    found = find(region)
    assert all_found(Written(region, np.pad(page.labels, below)), found)
    heights = [np.ptp(np.nonzero((each.territory == 6) & each.ink)[0]) for each in (plain, found)]
    assert heights[0] == heights[1]


def test_a_last_line_of_one_word_is_a_line() -> None:
    page = essay(5, 80)
    page.region[360:] = page.region[0, 0]
    page.labels[360:] = 0
    page.write("it.", (40, 400), 5)
    assert all_found(page, find(page.region))


@pytest.mark.parametrize("left", [60, 500, 900])
def test_a_last_line_of_one_joined_word_is_a_line(left: int) -> None:
    page = essay(5, 80)
    page.region[360:] = page.region[0, 0]
    page.labels[360:] = 0
    turn = np.linspace(0, 4 * np.pi, 200)
    word = np.stack([left + 2.2 * turn - 6 * np.sin(turn), 390 - 9 * np.cos(turn)], axis=1)
    for picture, value in ((page.region, (20, 20, 20)), (page.labels, 5)):
        cv2.polylines(picture, [word.round().astype(np.int32)], False, value, 2)
    assert all_found(page, find(page.region))


def test_indents_gaps_and_words_at_the_right_edge_keep_the_reading_order() -> None:
    page = Written.blank(640)
    page.write("people like to say", (300, 80), 1).write("so", (1010, 80), 1)
    page.write("many things about it", (40, 150), 2)
    page.write("end.", (40, 220), 3)
    page.write("after a gap they go on", (120, 400), 4)
    page.write("and on with the text", (40, 470), 5)
    found = find(page.region)
    assert lines_of(found, page) == [1, 2, 3, 4, 5]
    assert all_found(page, found)


def test_a_note_beside_the_text_leaves_its_lines_alone() -> None:
    page = Written.blank(500, 1500)
    for number in range(5):
        page.write("some people think about it", (40, 80 + 80 * number), number + 1)
    page.write("see", (1250, 130), 6, size=0.8).write("page two", (1250, 290), 7, size=0.8)
    found = find(page.region)
    lines = lines_of(found, page)[:5]
    assert lines == sorted(set(lines))
    assert score(page, found, 0.75).matched >= 5


def test_an_inserted_word_goes_to_the_line_below() -> None:
    page = essay(4, 110)
    page.write("never", (420, 160), 2, size=0.7)
    assert all_found(page, find(page.region))


def test_a_descender_that_crosses_into_the_next_line_stays_whole() -> None:
    page = essay(3, 90)
    cv2.line(page.region, (260, 100), (240, 150), (20, 20, 20), 3)
    cv2.line(page.labels, (260, 100), (240, 150), 1, 3)
    assert all_found(page, find(page.region), at=0.9)


def test_letters_that_hang_together_over_three_lines_are_of_three_lines() -> None:
    page, pitch = Written.blank(700), 46
    for line in range(9):
        row = 80 + pitch * (line + line // 3)
        page.write("people like to say many things", (40, row), line + 1)
        for x in range(60, 700, 40) if line % 3 < 2 else ():
            cv2.line(page.region, (x, row - 8), (x, row + pitch - 8), (20, 20, 20), 2)
    found = find(page.region)
    assert found.count == 9
    assert score(page, found, 0.75).matched == 9


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_region_of_one_colour_has_no_line(value: int) -> None:
    region = np.full((300, 800, 3), value, np.uint8)
    assert not any(found.count for found in segmentations(region, settings()))


def test_huge_blots_do_not_hide_the_lines() -> None:
    page = essay(6, 90)
    cv2.circle(page.region, (900, 300), 120, (10, 10, 10), -1)
    found = find(page.region)
    assert score(page, found, 0.75).matched >= 4


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3), (40, 40)])
def test_tiny_regions_do_not_crash(size: tuple[int, int]) -> None:
    region = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    for found in segmentations(region, settings()):
        assert found.territory.shape == size


def test_little_ink_is_no_line_if_more_is_asked_for() -> None:
    page = essay(4, 90)
    page.region[280:] = page.region[0, 0]
    page.write("it.", (40, 355), 4)
    assert find(page.region).count == 4
    assert find(page.region, "segment.seams.min_ink=2").count == 3


def test_equal_regions_give_equal_lines() -> None:
    page = essay(4)
    assert np.array_equal(find(page.region).territory, find(page.region).territory)


def test_generated_pages() -> None:
    matched = labelled = found_lines = 0
    for _, page in varied_pages(8, seed=11):
        top, bottom = page.region
        pixels = page.pixels if page.pixels.ndim == 3 else np.repeat(page.pixels[..., None], 3, 2)
        print_near = cv2.dilate(page.print_mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        pixels = np.where(print_near[..., None], np.median(pixels, axis=(0, 1)), pixels)
        shown = Written(pixels[top:bottom].astype(np.uint8), page.label_map[top:bottom])
        found = find(shown.region)
        matches = score(shown, found)
        matched += matches.matched
        labelled += matches.labelled
        found_lines += found.count
    assert matched >= 0.85 * labelled
    assert abs(found_lines - labelled) <= 0.03 * labelled
