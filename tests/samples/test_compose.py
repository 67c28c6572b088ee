import dataclasses

import numpy as np
import pytest

from samples.answers import Answer
from samples.compose import SamplePage, compose
from samples.style import BLUE_INK, Style, handwriting_font
from stages.pages.upright import rotate
from training.hand import Hand

STYLE = Style(Hand(handwriting_font("patrick-hand"), x_height=36, seed=1), page_width=620)


def answer(essay: str) -> Answer:
    return Answer(
        page="page",
        topic=["Some towns have no bakery.", "Is this a problem?"],
        test=2,
        band=6.5,
        essay=essay,
        comment="It is the writer's own view.",
    )


def make(essay: str, seed: int = 0, **style: object) -> SamplePage:
    rng = np.random.default_rng(seed)
    return compose(answer(essay), dataclasses.replace(STYLE, **style), rng)


ESSAY = "Bread is importent ~~food~~ for\npeople ^in^ towns.\n\nI agree with this"


def test_equal_seeds_make_equal_pages_and_others_do_not() -> None:
    first, again, other = make(ESSAY), make(ESSAY), make(ESSAY, seed=1)
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.label_map, again.label_map)
    assert not np.array_equal(first.label_map, other.label_map)


def test_the_label_map_has_one_label_for_each_transcribed_line_from_top_to_bottom() -> None:
    page = make(ESSAY)
    assert page.transcription.essay == [
        "Bread is importent for",
        "people in towns.",
        "I agree with this",
    ]
    assert np.unique(page.label_map).tolist() == [0, 1, 2, 3]
    middles = [np.nonzero(page.label_map == k)[0].mean() for k in (1, 2, 3)]
    assert middles == sorted(middles)


def test_a_struck_word_is_ink_but_no_text() -> None:
    struck, without = make("a ~~bakery~~ shop"), make("a shop")
    assert struck.transcription == without.transcription
    assert (struck.label_map == 1).sum() > 1.5 * (without.label_map == 1).sum()


def test_an_insertion_stands_above_its_line_and_belongs_to_it() -> None:
    plain, inserted = make("people in big towns."), make("people in ^big^ towns.")
    top = [np.nonzero(page.label_map)[0].min() for page in (plain, inserted)]
    assert top[1] < top[0]
    assert np.unique(inserted.label_map).tolist() == [0, 1]


@pytest.mark.parametrize("skew", [-2.0, 0.0, 3.0])
def test_the_upright_region_holds_all_handwriting_and_no_print(skew: float) -> None:
    page = make(ESSAY, skew_degrees=skew)
    height = page.label_map.shape[0]
    hand, print_ink = (
        rotate((mask * 255).astype(np.uint8), -skew) > 127
        for mask in (page.label_map > 0, page.print_mask)
    )
    shift = (hand.shape[0] - height) // 2
    top, bottom = (row + shift for row in page.region)
    assert hand[top:bottom].sum() > 0.999 * hand.sum()
    assert print_ink[top + 2 : bottom - 2].sum() == 0
    assert print_ink[:top].any()
    assert print_ink[bottom:].any()


def test_labelled_and_printed_pixels_are_darker_than_the_paper() -> None:
    page = make(ESSAY, specks=0)
    paper = np.median(page.pixels)
    assert np.percentile(page.pixels[page.label_map > 0], 95) < paper - 20
    assert np.percentile(page.pixels[page.print_mask], 95) < paper - 20
    blank = page.pixels[: page.region[0] // 6]
    assert not page.label_map[: len(blank)].any()
    assert blank.min() > paper - 30


def test_crowded_lines_touch() -> None:
    essay = "\n".join(["gypsy jolly fluffy daffy"] * 4)
    page = make(essay, pitch=1.9, skew_degrees=0.0)
    rows = [np.nonzero(page.label_map == k)[0] for k in (1, 2)]
    assert rows[0].max() > rows[1].min()


def test_coloured_ink_makes_a_colour_page() -> None:
    assert make("a shop").pixels.ndim == 2
    page = make("a shop", ink=BLUE_INK)
    ink = page.pixels[page.label_map > 0].mean(axis=0)
    assert page.pixels.shape == (*page.label_map.shape, 3)
    assert ink[2] > ink[0] + 30


def test_rules_are_on_the_paper_and_in_no_label() -> None:
    plain, ruled = make(ESSAY, skew_degrees=0.0), make(ESSAY, skew_degrees=0.0, ruled=True)
    top, bottom = ruled.region
    left_of_text = ruled.pixels[top:bottom, 45:50].mean(axis=1)
    assert (left_of_text < np.median(ruled.pixels) - 15).sum() >= 3
    assert np.unique(ruled.label_map).tolist() == np.unique(plain.label_map).tolist()


def test_long_lines_make_the_hand_smaller_so_that_they_fit() -> None:
    page = make("a very long line of small words that would never fit otherwise " * 2)
    columns = np.nonzero(page.label_map)[1]
    assert columns.max() < page.label_map.shape[1] - 20
    assert columns.min() > 20
