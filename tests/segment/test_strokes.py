import cv2
import numpy as np

from stages.ink import find_components
from stages.segment.strokes import find_strokes, flatten, letter_height, sauvola
from tests.segment.written import essay


def test_a_shaded_page_flattens_to_white_paper() -> None:
    shade = np.tile(np.linspace(120, 240, 900), (300, 1)).astype(np.uint8)
    shade[100:110, 100:120] = 30
    flat = flatten(shade)
    assert np.percentile(flat, 5) > 245
    assert flat[105, 110] < 120


def test_sauvola_against_the_formula() -> None:
    flat = np.random.default_rng(0).uniform(0, 230, (40, 40)).astype(np.float32)
    window = flat[5:16, 7:18]
    limit = window.mean() * (1 + 0.3 * (window.std() / 128 - 1))
    assert sauvola(flat, 11, 0.3)[10, 12] == (flat[10, 12] < limit)
    for value in (limit - 1, limit + 1):
        changed = flat.copy()
        changed[10, 12] = value
        around = changed[5:16, 7:18]
        expected = value < around.mean() * (1 + 0.3 * (around.std() / 128 - 1))
        assert sauvola(changed, 11, 0.3)[10, 12] == expected


def test_specks_and_joined_lines_do_not_set_the_letters_height() -> None:
    mask = np.zeros((400, 600), bool)
    for column in range(20, 560, 20):
        mask[50:80, column : column + 8] = True
        mask[120, column] = True
    mask[200:390, 100:300] = True
    assert letter_height(find_components(mask)) == 30


def test_faint_strokes_count_where_they_hang_on_dark_ones() -> None:
    region = np.full((120, 400, 3), 240, np.uint8)
    cv2.line(region, (90, 30), (90, 60), (60, 60, 60), 4)
    cv2.line(region, (90, 60), (90, 90), (205, 205, 205), 4)
    cv2.line(region, (275, 30), (275, 90), (205, 205, 205), 4)
    ink = find_strokes(region).ink
    assert ink[45, 90]
    assert ink[80, 90]
    assert not ink[60, 275]


def test_dirt_far_from_letters_is_no_ink_and_full_stops_are() -> None:
    page = essay(2, 90)
    cv2.circle(page.region, (1000, 150), 2, (20, 20, 20), -1)
    strokes = find_strokes(page.region)
    assert not strokes.ink[150, 1000]
    page.write(".", (380, 180), 2)
    assert find_strokes(page.region).ink[page.labels == 2].mean() > 0.95


def test_the_scale_multiplies_the_height_however_near_the_lines_are() -> None:
    region = essay(5, 60).region
    assert find_strokes(region, 4.0).height == 4 * find_strokes(region).height
