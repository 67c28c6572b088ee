import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.recognize.prepare import enlarge, pad_to_aspect, slanted, to_gray


@given(st.integers(1, 60), st.integers(1, 900), st.floats(0.5, 20), st.sampled_from([(), (3,)]))
def test_padding_keeps_the_crop_and_reaches_the_aspect(
    height: int, width: int, aspect: float, channels: tuple[int, ...]
) -> None:
    crop = np.full((height, width, *channels), 200, np.uint8)
    crop[0, 0] = 0
    padded = pad_to_aspect(crop, aspect)
    assert (padded[:, :width] == crop).all()
    assert padded.shape[1] == max(width, round(height * aspect))
    assert (padded[:, width:] == np.median(crop, axis=(0, 1)).astype(np.uint8)).all()


@given(st.integers(2, 60), st.integers(5, 300), st.floats(-1, 1))
def test_a_slanted_crop_keeps_its_strokes_and_leans_by_as_much(
    height: int, width: int, slant: float
) -> None:
    crop = np.full((height, width, 3), 200, np.uint8)
    crop[:, width // 2] = 40  # upright
    leaning = slanted(crop, slant)
    assert leaning.shape[0] == height
    dark = 200 - leaning[..., 0].astype(float)
    assert np.abs(dark.sum(axis=1) - 160).max() <= 8  # all of the stroke, in every row
    middle = (dark * np.arange(leaning.shape[1])).sum(axis=1) / dark.sum(axis=1)
    moved = slant * (np.arange(height) - (height - 1) / 2)
    assert np.abs(middle - middle.mean() - moved).max() < 0.15


def test_a_slant_of_nothing_changes_nothing() -> None:
    crop = np.random.default_rng(1).integers(0, 256, (20, 90, 3), np.uint8)
    assert (slanted(crop, 0.0) == crop).all()


def test_only_low_crops_are_enlarged() -> None:
    crop = np.zeros((32, 100, 3), np.uint8)
    assert enlarge(crop, 64).shape == (64, 200, 3)
    assert enlarge(crop, 0) is crop
    assert enlarge(crop, 32) is crop


def test_gray_crops_have_three_equal_channels() -> None:
    crop = np.zeros((4, 5, 3), np.uint8)
    crop[..., 2] = 200
    gray = to_gray(crop)
    assert gray.shape == crop.shape
    assert (gray == gray[..., :1]).all()
    assert 0 < gray[0, 0, 0] < 200
