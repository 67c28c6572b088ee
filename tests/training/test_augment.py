import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.augment import augment


@given(st.integers(0, 2**32), st.integers(24, 80), st.integers(60, 400))
def test_all_ink_stays_on_the_crop(seed: int, height: int, width: int) -> None:
    crop = np.full((height, width, 3), 230, np.uint8)
    crop[:4] = crop[-4:] = 20
    crop[:, :4] = crop[:, -4:] = 20
    changed = augment(crop, np.random.default_rng(seed))
    ink, before = (changed < 120).all(axis=2).sum(), (crop < 120).all(axis=2).sum()
    assert changed.dtype == np.uint8
    assert 0.7 < ink / before < 1.4


def test_equal_states_give_equal_crops_and_others_differ() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (40, 200, 3), np.uint8)
    one, other = (augment(crop, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)
    third = augment(crop, np.random.default_rng(6))
    assert one.shape != third.shape or not np.array_equal(one, third)
