import numpy as np
import pytest

from bench.sheets import SHEETS
from tests.crop.drawing import draw_sheet


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_is_drawn_over_and_loses_no_ink(sheet: str) -> None:
    page = draw_sheet().pixels
    plain = page.copy()
    drawn = SHEETS[sheet](page)
    assert np.array_equal(page, plain)
    assert drawn.shape == page.shape and drawn.dtype == np.uint8
    assert (drawn <= page).all()
    changed = (drawn < page).any(axis=2)
    assert 0.001 < changed.mean() < 0.15
    assert changed[: len(page) // 4].any() and changed[-len(page) // 4 :].any()
