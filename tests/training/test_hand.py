from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.hand import Hand

FONT, OTHERS = Path("one.woff2"), [Path("two.woff2"), Path("three.woff2")]


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_varied_hand_is_the_same_but_for_proportions_and_haste(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hand = Hand.sample(FONT, rng, OTHERS)
    varied = hand.varied(rng)
    assert 0.6 <= varied.ascender <= 1.83
    assert 0.6 <= varied.descender <= 1.83
    assert 0 <= varied.haste <= 1
    plain = {"ascender", "descender", "haste"}
    assert {name for name in vars(hand) if vars(hand)[name] != vars(varied)[name]} <= plain


def test_letters_are_borrowed_from_the_other_fonts_alone() -> None:
    hands = [Hand.sample(FONT, np.random.default_rng(seed), OTHERS) for seed in range(20)]
    assert {font for hand in hands for _, font in hand.allographs} == set(OTHERS)
    assert not Hand.sample(FONT, np.random.default_rng(3)).allographs
