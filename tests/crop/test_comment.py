from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.crop.comment import comment_region, quality, renderings, split_paragraphs
from stages.pages.records import Box


def notebook_split(image: Any, gap_thr: int = 40) -> list[Any]:
    """`split_paragraphs` as it stands in the notebook."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    _, th = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    inv = 255 - th
    proj = inv.sum(axis=1)
    height = len(proj)
    mask = proj < proj.max() * 0.15
    gaps, i = [], 0
    while i < height:
        if mask[i]:
            j = i
            while j < height and mask[j]:
                j += 1
            if j - i >= gap_thr:
                gaps.append((i, j))
            i = j
        else:
            i += 1
    starts = [0] + [g[1] for g in gaps]
    ends = [g[0] for g in gaps] + [height]
    return [image[s:e, :] for s, e in zip(starts, ends, strict=True) if e - s > 15]


@given(st.lists(st.tuples(st.integers(5, 90), st.booleans()), min_size=1, max_size=8))
def test_paragraphs_are_cut_as_in_the_notebook(bands: list[tuple[int, bool]]) -> None:
    rows = np.concatenate([np.full(height, 20 if dark else 240) for height, dark in bands])
    image = np.repeat(rows[:, None], 120, axis=1).astype(np.uint8)
    image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    ours, theirs = split_paragraphs(np.asarray(image, np.uint8)), notebook_split(image)
    assert len(ours) == len(theirs)
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_comment_stands_below_its_anchor_or_from_a_row_on() -> None:
    page = np.zeros((1000, 600, 3), np.uint8)
    anchor = Box(left=50, top=700, right=300, bottom=730)
    assert comment_region(page, anchor, 720).shape[:2] == (264, 564)
    assert comment_region(page, None, 720).shape[:2] == (280, 600)


def test_four_renderings_enlarged_by_1_6() -> None:
    image = np.random.default_rng(0).integers(0, 255, (50, 100, 3), np.uint8)
    found = renderings(image)
    assert [variant.shape for variant in found] == [(80, 160, 3)] * 4


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("", -1e9),
        ("123", -1e9),
        ("ab cd", 2 * 2 + 200 * 4 / 5),
        ("ab, cd.", 2 * 4 + 200 * 4 / 7),
        ("a b c d", 2 * 4 + 200 * 4 / 7 - 50),
        ("ab..", 2 * 3 + 200 * 2 / 4 - 30),
    ],
)
def test_quality_is_the_notebooks_score(text: str, score: float) -> None:
    assert quality(text) == pytest.approx(score)
