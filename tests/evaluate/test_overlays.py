import io

import numpy as np
from PIL import Image

from stages.evaluate.overlays import ANCHOR, LINE, REGION, TINT, bounded, jpeg, overlay
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
