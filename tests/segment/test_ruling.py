import numpy as np
import pytest

from bench.changes import CHANGES
from stages.segment.crops import cut_lines
from stages.segment.ruling import find_rules
from stages.upright_rules import without_rules
from tests.segment.written import Written, all_found, bars, essay, find
from tests.segment.written import settings as segment_settings


@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_rules_go_and_the_letters_that_they_cross_stay(slope: float) -> None:
    letters = bars(slope, 60)
    ruled = letters.copy()
    columns = np.arange(900)
    for line in range(6):
        for row in range(2):
            ruled[np.round(112 + 60 * line + row + slope * columns).astype(int), columns] = True
    rules = find_rules(ruled, slope)
    assert not find_rules(letters, slope).any()
    clean = without_rules(ruled, rules, 30.0)
    assert clean[letters].mean() > 0.97
    assert (clean & ~letters).sum() < 0.05 * letters.sum()


@pytest.mark.parametrize("change", ["margined", "framed", "edged"])
@pytest.mark.parametrize("method", ["seams", "projection"])
def test_lines_are_found_and_cut_without_the_rules_beside_them(change: str, method: str) -> None:
    page = essay(6, 70)
    changed = Written(*CHANGES[change](page.region, page.labels))
    chosen = segment_settings(f"segment={method}", "segment.crop.shape=straight")
    plain, ruled = (find(one.region, f"segment={method}") for one in (page, changed))
    if method == "seams":
        assert all_found(changed, ruled)
    pairs = zip(
        cut_lines(page.region, (0, 0), plain, chosen),
        cut_lines(changed.region, (0, 0), ruled, chosen),
        strict=True,
    )
    for (expected, _), (line, crop) in pairs:
        assert line.box.width <= expected.box.width + 12
        dark = (crop.min(axis=2) < 190).all(axis=0)
        assert not dark.any()
