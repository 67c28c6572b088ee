import cv2
import numpy as np

from training.thinning import centre_lines, thin


def test_a_bar_thins_to_one_line_along_its_middle() -> None:
    shape = np.zeros((30, 80), np.uint8)
    shape[11:20, 8:72] = 1
    lines = centre_lines(shape)
    assert len(lines) == 1
    assert np.abs(lines[0][:, 1] - 15).max() <= 2
    assert np.ptp(lines[0][:, 0]) > 50


def test_a_ring_thins_to_a_closed_line() -> None:
    shape = np.zeros((64, 64), np.uint8)
    cv2.circle(shape, (32, 32), 20, (1,), 7)
    lines = centre_lines(shape)
    points = np.vstack(lines)
    radius = np.hypot(points[:, 0] - 32, points[:, 1] - 32)
    assert np.abs(radius - 20).max() < 2.5
    angles = np.sort(np.arctan2(points[:, 1] - 32, points[:, 0] - 32))
    assert np.diff(angles).max() < 0.6


def test_a_dot_keeps_a_line() -> None:
    shape = np.zeros((20, 20), np.uint8)
    cv2.circle(shape, (10, 10), 3, (1,), -1)
    lines = centre_lines(shape)
    assert lines
    assert np.abs(np.vstack(lines) - 10).max() <= 3


def test_thinning_keeps_the_number_of_parts() -> None:
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.random((80, 80)).astype(np.float32), (0, 0), 3)
    shape = (noise > np.median(noise)).astype(np.uint8)
    shape = cv2.morphologyEx(shape, cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))
    before, _ = cv2.connectedComponents(shape, connectivity=8)
    after, _ = cv2.connectedComponents(thin(shape), connectivity=8)
    assert after == before
