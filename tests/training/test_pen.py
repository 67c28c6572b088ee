from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.fonts import font_paths
from training.hand import Hand
from training.pen import render_line, transcription

FONTS = font_paths("held_out")
TEXT = "The quick, brown fox (no. 7) jumped!"


def some_fonts(count: int) -> list[Path]:
    return FONTS[:: max(1, len(FONTS) // count)][:count]


@pytest.mark.parametrize("seed", range(6))
def test_equal_seeds_give_equal_ink_and_others_do_not(seed: int) -> None:
    font = FONTS[seed % len(FONTS)]

    def ink(line_seed: int) -> np.ndarray:
        hand = Hand.sample(font, np.random.default_rng(seed))
        return render_line(TEXT, hand, np.random.default_rng(line_seed)).alpha

    assert np.array_equal(ink(1), ink(1))
    assert not np.array_equal(ink(1), ink(2))


@pytest.mark.parametrize("font", some_fonts(12), ids=lambda path: path.stem)
def test_ink_lies_inside_its_canvas_around_the_baseline(font: Path) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        ink = render_line(TEXT, Hand.sample(font, rng), rng, struck=[2])
        assert ink.alpha.dtype == np.float32
        assert ink.alpha.min() >= 0 and 0.3 < ink.alpha.max() <= 1
        border = np.concatenate([ink.alpha[[0, -1]].ravel(), ink.alpha[:, [0, -1]].ravel()])
        assert border.max() == 0
        assert 0 < ink.baseline < ink.alpha.shape[0]
        above = ink.alpha[: ink.baseline].sum()
        assert above > ink.alpha[ink.baseline :].sum()


def test_a_struck_word_is_inked_but_not_transcribed() -> None:
    hand = Hand(font=FONTS[0])
    plain = render_line("one two three", hand, np.random.default_rng(0))
    struck = render_line("one two three", hand, np.random.default_rng(0), struck=[1])
    assert plain.text == "one two three"
    assert struck.text == "one three"
    assert struck.alpha.sum() > plain.alpha.sum()


def test_transcription_drops_struck_words_at_either_end() -> None:
    assert transcription("a b c", (0, 2)) == "b"
    assert transcription("a", (0,)) == ""


def test_a_wider_pen_leaves_more_ink_and_a_larger_hand_a_higher_line() -> None:
    fine = render_line(TEXT, Hand(FONTS[0], stroke=0.08), np.random.default_rng(0))
    broad = render_line(TEXT, Hand(FONTS[0], stroke=0.24), np.random.default_rng(0))
    large = render_line(TEXT, Hand(FONTS[0], x_height=44), np.random.default_rng(0))
    assert broad.alpha.sum() > 1.5 * fine.alpha.sum()
    assert 1.7 < large.alpha.shape[0] / fine.alpha.shape[0] < 2.3


def test_repeated_letters_differ() -> None:
    hand = Hand(FONTS[0], elastic=0.05, baseline_wander=0, size_jitter=0)
    alpha = render_line("nn", hand, np.random.default_rng(3)).alpha
    columns = np.flatnonzero(alpha.max(axis=0) > 0.2)
    middle = (columns[0] + columns[-1]) // 2
    left, right = alpha[:, columns[0] : middle], alpha[:, middle : columns[-1]]
    width = min(left.shape[1], right.shape[1])
    assert np.abs(left[:, :width] - right[:, :width]).max() > 0.3


def test_an_empty_text_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        render_line("", Hand(FONTS[0]), np.random.default_rng(0))


def test_weight_makes_filled_outlines_bolder() -> None:
    ink = [
        render_line(
            TEXT, Hand(FONTS[0], centre_lines=False, weight=weight), np.random.default_rng(0)
        ).alpha.sum()
        for weight in (-0.03, 0.0, 0.03)
    ]
    assert ink[0] < 0.95 * ink[1] < 0.9 * ink[2]


def test_closed_shapes_keep_their_holes() -> None:
    for font in some_fonts(8):
        for centre_lines in (True, False):
            hand = Hand(font, x_height=40, stroke=0.06, centre_lines=centre_lines)
            hand = replace(hand, style=0, elastic=0, letter_jitter=0, pressure=0)
            alpha = render_line("o", hand, np.random.default_rng(0)).alpha
            rows, columns = np.nonzero(alpha > 0.5)
            inside = alpha[(rows.min() + rows.max()) // 2, columns.min() : columns.max() + 1]
            assert inside.min() < 0.2, font.stem
