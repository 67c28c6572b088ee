from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stages.segment.crops import segment_region
from stages.segment.level import Frame
from stages.segment.middles import find_middles
from stages.segment.segmentation import Segmentation
from tests.segment.written import essay, settings

WIDTH = 900


def drawn(rows: Sequence[np.ndarray], half: int) -> Segmentation:
    """Upright strokes, each line's as high above its row as below."""
    territory = np.zeros((600, WIDTH), np.uint16)
    for line, row in enumerate(rows, 1):
        for x in range(20, WIDTH - 20, 7):
            middle = round(row[x])
            territory[middle - half : middle + half + 1, x : x + 3] = line
    tops = [(int(row.min()) - half, int(row.max()) + half + 1) for row in rows]
    return Segmentation(
        territory,
        territory > 0,
        np.zeros(territory.shape, np.bool_),
        np.zeros((len(rows), WIDTH)),
        tops,
        2.0 * half,
    )


@hypothesis_settings(max_examples=25, deadline=None)
@given(st.floats(-0.06, 0.06), st.integers(0, 12), st.integers(6, 12), st.floats(0.5, 1))
def test_a_middle_runs_where_the_strokes_do(
    slope: float, wave: int, half: int, scale: float
) -> None:
    x = np.arange(WIDTH)
    rows = [at + slope * x + wave * np.sin(x / 150) for at in (120, 200, 280)]
    shape = (600, WIDTH)
    frame = Frame(slope, max(0.0, slope * WIDTH), scale, (600, round(WIDTH * scale)), shape)
    middles = find_middles(drawn(rows, half), frame, 80 * scale, 40 * scale)
    assert middles.shape == (3, WIDTH)
    inside = slice(100, WIDTH - 100)
    assert np.abs(middles - np.array(rows))[:, inside].max() < 2


@pytest.mark.parametrize("pitch", [80, 44])
def test_lines_with_the_same_ink_give_the_same_crops_whatever_the_threshold(pitch: int) -> None:
    """At 44 pixels the letters' long strokes touch their neighbours."""
    asked = settings("segment.thresholds=[0.15,0.2,0.25,0.3,0.4]")
    candidates, crops = segment_region(essay(6, pitch).region, (0, 0), asked)
    assert [len(candidate.lines) for candidate in candidates] == [6] * 5
    assert len(crops) == 6
