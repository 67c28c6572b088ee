import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stages.segment.skeleton import branchings, thin

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24)))


@given(MASKS)
def test_a_skeleton_is_as_connected_as_its_mask(mask: np.ndarray) -> None:
    skeleton = thin(mask)
    assert not (skeleton & ~mask).any()
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    parts, _ = cv2.connectedComponents(skeleton.astype(np.uint8), connectivity=8)
    assert parts - 1 == len(set(labels[skeleton].tolist()))


@given(MASKS)
def test_what_is_thin_stays(mask: np.ndarray) -> None:
    skeleton = thin(mask)
    assert (thin(skeleton) == skeleton).all()


def test_a_thick_stroke_becomes_its_middle() -> None:
    ink = np.zeros((21, 60), bool)
    ink[8:13, 5:55] = True
    skeleton = thin(ink)
    assert set(np.nonzero(skeleton)[0].tolist()) == {10}
    assert not branchings(skeleton).any()


def test_a_cross_branches_in_its_middle_alone() -> None:
    ink = np.zeros((41, 41), bool)
    ink[20, 3:38] = ink[3:38, 20] = True
    assert np.abs(np.argwhere(branchings(thin(ink))) - 20).max() <= 1
