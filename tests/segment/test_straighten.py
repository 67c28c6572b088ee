import cv2
import numpy as np
import pytest

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


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_rules_are_covered_where_nothing_is_written(slope: float) -> None:
    plain = essay(5, 70, slope)
    ruled = plain.region.copy()
    pale = np.zeros(plain.labels.shape, np.uint8)
    for row in range(20, len(pale), 35):
        cv2.line(pale, (0, row), (1099, round(row + 1099 * slope)), 1, 2)
    ruled[(pale > 0) & (plain.region.min(axis=2) > 238)] = 228
    found = find(ruled)
    for number in range(1, found.count + 1):
        wanted = Straightener.of(plain.region, found).crop(number, 0, 1100, 8).astype(int)
        kept = Straightener.of(ruled, found).crop(number, 0, 1100, 8).astype(int)
        bare = Straightener.of(ruled, found, "remove").crop(number, 0, 1100, 8).astype(int)
        assert (np.abs(kept - wanted) > 10).sum() > 1000
        assert (np.abs(bare - wanted) > 10).sum() < 0.2 * (np.abs(kept - wanted) > 10).sum()
        written = wanted.min(axis=2) < 150
        assert (bare[written] == kept[written]).all()


def test_a_page_without_rules_stays_as_it_is() -> None:
    page = essay(6, 60)
    found = find(page.region)
    assert (Straightener.of(page.region, found, "remove").region == page.region).all()
