import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.recognize.prepare import enlarge, pad_to_aspect, to_gray


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
