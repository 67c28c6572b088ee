import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stages.evaluate.overlays import (
    ANCHOR,
    LINE,
    REGION,
    TINT,
    bounded,
    file_name,
    jpeg,
    overlay,
)
from tests.evaluate.pages import make_outcome

PAPER = np.full((1600, 1200, 3), 255, dtype=np.uint8)


def _colours(image: Image.Image) -> set[str]:
    found = image.getcolors(image.width * image.height) or []
    return {"#{:02x}{:02x}{:02x}".format(*rgb) for _, rgb in found if isinstance(rgb, tuple)}


def test_region_anchors_and_lines_are_drawn_on_a_bounded_page() -> None:
    outcome = make_outcome(raw=["one", "two"])
    assert outcome.layout is not None and outcome.reading is not None
    image = overlay(PAPER, outcome.layout, outcome.reading.raw.lines)
    assert image.size == (1000, 1333)
    assert {REGION, ANCHOR, *LINE} <= _colours(image)
    assert not {*LINE} & _colours(overlay(PAPER, outcome.layout, []))


def test_a_line_is_drawn_where_it_stands() -> None:
    outcome = make_outcome(raw=["one"])
    assert outcome.layout is not None and outcome.reading is not None
    image = overlay(PAPER, outcome.layout, outcome.reading.raw.lines)
    box = outcome.reading.raw.lines[0].box
    middle = round((box.left + box.right) / 2 / 1.2), round(box.bottom / 1.2)
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel(middle)) == LINE[1]  # type: ignore[misc]


def test_a_lines_ink_is_tinted_and_stays_dark() -> None:
    outcome = make_outcome(raw=["one"])
    assert outcome.layout is not None and outcome.reading is not None
    box = outcome.reading.raw.lines[0].box
    middle = (box.left + box.right) // 2, (box.top + box.bottom) // 2
    written = PAPER.copy()
    written[middle[1] - 5 : middle[1] + 5, middle[0] - 5 : middle[0] + 5] = 30
    image = overlay(written, outcome.layout, outcome.reading.raw.lines)
    ink = image.getpixel((round(middle[0] / 1.2), round(middle[1] / 1.2)))
    paper = image.getpixel((round(middle[0] / 1.2) + 40, round(middle[1] / 1.2)))
    assert max(ink) <= 40  # type: ignore[arg-type,type-var]
    assert "#{:02x}{:02x}{:02x}".format(*paper) == TINT[1]  # type: ignore[misc]


NAMES = st.text(st.sampled_from("ab<>&\"#?%()+'_-0é"), min_size=1, max_size=5)


@given(st.sets(NAMES, max_size=20), st.sampled_from([1, 60]))
def test_no_two_pages_have_one_overlay(pages: set[str], times: int) -> None:
    names = {file_name(page * times) for page in pages}
    assert len(names) == len(pages)
    assert not set('<>&"#?%') & set("".join(names))
    assert all(len(name.encode()) <= 184 for name in names)


def test_the_name_of_an_overlay_is_the_pages_or_like_it_and_stays() -> None:
    assert file_name("Page 1 (é)") == "Page 1 (é).jpg"
    assert file_name("a<b") == "a(b-4a826aacf580.jpg"
    assert file_name("Page #3") == "Page _3-4f04b6702805.jpg"
    assert file_name("a" * 180) == "a" * 180 + ".jpg"
    assert file_name("a" * 181)[:168] == "a" * 167 + "-"


@pytest.mark.parametrize("page", ["a<b", 'say "5 > 3"', "b" * 200])
def test_a_page_called_as_anothers_overlay_has_another(page: str) -> None:
    other = file_name(page).removesuffix(".jpg")
    assert file_name(other) != file_name(page)


def test_small_pages_keep_their_size() -> None:
    small = Image.new("RGB", (300, 400))
    assert bounded(small, 1000) is small
    assert bounded(small, 150).size == (150, 200)


def test_a_jpeg_has_the_same_bytes_each_time_and_no_metadata() -> None:
    image = Image.fromarray(PAPER)
    assert jpeg(image) == jpeg(image)
    assert set(Image.open(io.BytesIO(jpeg(image))).info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
    }
