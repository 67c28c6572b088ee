from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.crop.region import Region, find_region, paint_out
from stages.errors import PageError
from stages.ink import find_components, find_ink
from stages.pages.records import Box, Word
from stages.pages.scans import Pixels

PAPER = 240
SIZE = (600, 900)
ABOVE, BELOW = 100, 400
LETTERS = 24


def printed(row: int, line: int, left: int = 100, count: int = LETTERS) -> list[Word]:
    """Words of four 12 x 20 pixel letters."""
    return [
        Word(
            text="abcd",
            box=Box(left=x, top=row, right=x + 72, bottom=row + 20),
            confidence=0.9,
            line=line,
        )
        for x in range(left, left + 18 * count, 90)
    ]


def page_with(words: Sequence[Word], strokes: Sequence[tuple[int, int, int, int]]) -> Pixels:
    """Blocks for the printed letters and thin lines (x0, y0, x1, y1) for the handwriting."""
    page = np.full((*SIZE, 3), PAPER, np.uint8)
    for word in words:
        for x in range(word.box.left, word.box.right, 18):
            page[word.box.top : word.box.bottom, x : x + 12] = 10
    for x0, y0, x1, y1 in strokes:
        cv2.line(page, (x0, y0), (x1, y1), (30, 30, 30), 3)
    return page


WRITING = [(150 + 60 * k, 200 + 40 * (k % 3), 180 + 60 * k, 250 + 40 * (k % 3)) for k in range(8)]


def cut(
    strokes: Sequence[tuple[int, int, int, int]], above_count: int = LETTERS
) -> tuple[Pixels, Region]:
    above, below = printed(ABOVE, 0, count=above_count), printed(BELOW, 1)
    page = page_with([*above, *below], strokes)
    region = find_region(find_components(find_ink(page[..., 0])), above, below)
    return paint_out(page, region), region


def test_the_region_reaches_from_print_to_print_over_the_page_width() -> None:
    essay, region = cut(WRITING)
    left, top, right, bottom = region.box.corners
    assert (left, right) == (0, SIZE[1])
    assert ABOVE + 20 <= top <= ABOVE + 26
    assert BELOW - 6 <= bottom <= BELOW
    assert essay.shape == (bottom - top, SIZE[1], 3)
    assert (essay < 128).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(85, 130), st.integers(390, 425), st.integers(600, 800))
def test_strokes_beside_the_print_are_kept_and_the_print_is_not(
    first: int, last: int, x: int
) -> None:
    reaching = [(x, first, x + 20, 260), (x + 40, 250, x + 60, last)]
    essay, region = cut([*WRITING, *reaching])
    hand = page_with([], [*WRITING, *reaching])[..., 0] < 128
    top, bottom = region.box.top, region.box.bottom
    assert not hand[:top].any()
    assert not hand[bottom:].any()
    assert (essay[..., 0][hand[top:bottom]] < 128).all()
    assert (
        (essay[..., 0] < 128) <= cv2.dilate(hand[top:bottom].astype(np.uint8), np.ones((5, 5)))
    ).all()


def test_strokes_between_printed_words_are_kept() -> None:
    gap = printed(ABOVE, 0)[2].box.right + 3
    hand = [*WRITING, (gap + 6, ABOVE + 8, gap + 6, 230)]
    essay, region = cut(hand)
    assert region.box.top <= ABOVE + 8
    column = essay[ABOVE + 8 - region.box.top : 230 - region.box.top, gap + 6, 0]
    assert (column < 128).all()


def test_a_word_of_the_last_line_beside_the_comment_sentence_belongs_to_the_region() -> None:
    words = [(600 + 40 * k, 360 + 10 * k, 625 + 40 * k, 385 + 10 * k) for k in range(5)]
    _, region = cut([*WRITING, (590, 300, 600, 375), *words])
    assert region.box.bottom >= 425


def test_specks_beside_the_print_do_not_widen_the_region() -> None:
    _, plain = cut(WRITING)
    _, specked = cut([*WRITING, (700, 105, 702, 107), (720, 410, 722, 412)])
    assert specked.box == plain.box


def test_a_scan_edge_does_not_widen_the_region_past_its_reach() -> None:
    _, region = cut([*WRITING, (895, 0, 895, 599)])
    assert region.box.top >= ABOVE - 40
    assert region.box.bottom <= BELOW + 60


@pytest.mark.parametrize("strokes", [[], [(300, 200, 302, 202), (500, 300, 501, 303)]])
def test_no_handwriting_is_an_error(strokes: list[tuple[int, int, int, int]]) -> None:
    with pytest.raises(PageError, match="no handwriting"):
        cut(strokes)


def test_rows_given_take_the_place_of_missing_print() -> None:
    page = page_with([], WRITING)
    region = find_region(find_components(find_ink(page[..., 0])), [], [], 150, 450)
    assert (region.box.top, region.box.bottom) == (150, 450)
