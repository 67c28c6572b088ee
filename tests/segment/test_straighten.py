import cv2
import numpy as np

from stages.segment.straighten import Straightener
from tests.segment.written import Written, essay, find, lines_of


def test_neighbours_strokes_are_painted_out_and_own_ones_kept() -> None:
    page = essay(3, 60)
    found = find(page.region)
    for line, number in enumerate(lines_of(found, page), 1):
        crop = Straightener.of(page.region, found).crop(number, 0, 1100, 8)
        alone = Written.blank(len(page.region))
        alone.region[page.labels == line] = page.region[page.labels == line]
        ink = (crop.min(axis=2) < 128).sum()
        assert 0.9 < ink / (alone.region.min(axis=2) < 128).sum() < 1.1


def test_a_wavy_line_becomes_level() -> None:
    page = essay(1, 100)
    columns = np.arange(1100, dtype=np.float32)
    wave = 14 * np.sin(columns / 160)
    y, x = np.mgrid[: len(page.region), :1100].astype(np.float32)
    page.region = cv2.remap(page.region, x, y - wave, cv2.INTER_LINEAR, borderValue=(245,) * 3)
    found = find(page.region)
    crop = Straightener.of(page.region, found).crop(1, 0, 1100, 4)
    before = np.flatnonzero((page.region.min(axis=2) < 150).any(axis=1))
    after = np.flatnonzero((crop.min(axis=2) < 150).any(axis=1))
    assert len(after) < 0.75 * len(before)
