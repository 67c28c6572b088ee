"""Any picture and any list of OCR words ends in a layout that holds together, or a reason."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.config.composition import load
from stages.config.settings import CropSettings
from stages.crop.anchors import SENTENCES, find_anchors
from stages.crop.fields import TRAILERS, field_words, find_band, find_test, printed_below
from stages.crop.ocr import words_of
from stages.crop.sheet import read_sheet
from stages.crop.text import reading
from stages.errors import PageError
from stages.pages.records import Box, Layout, Word
from stages.pages.scans import Pixels
from tests.crop.drawing import BAND, COMMENT, HAND, HEADER, PROMPT, TEST, TOPIC, draw_sheet
from tests.crop.tables import COLUMNS, Table

CONFIG = load(["crop=anchors"]).crop
SHEET = draw_sheet().pixels[::2, ::2]
PRINTED = sorted(
    {*SENTENCES.values(), *TRAILERS, TEST, PROMPT, *TOPIC, BAND, *HAND, HEADER, *COMMENT}
)


@st.composite
def word_lists(draw: st.DrawFn) -> list[Word]:
    """Words in reading order, of print, of slips in print, and of anything."""
    lines = draw(st.lists(st.sampled_from(PRINTED) | st.text(max_size=30), max_size=10))
    words = []
    for number, line in enumerate(lines):
        left = draw(st.integers(0, 300))
        for text in line.split():
            width, height = draw(st.tuples(st.integers(1, 400), st.integers(1, 60)))
            top = draw(st.integers(0, 900))
            box = Box(left=left, top=top, right=left + width, bottom=top + height)
            confidence = draw(st.floats(0, 1))
            words.append(Word(text=text, box=box, confidence=confidence, line=number))
            left = box.right + draw(st.integers(0, 40))
    return words


@settings(max_examples=60, deadline=None)
@given(word_lists(), st.floats(0.3, 1))
def test_anchors_and_fields_of_any_words(words: list[Word], min_similarity: float) -> None:
    try:
        anchors = find_anchors(words, min_similarity)
    except PageError as error:
        assert "answers in one scan" in str(error)
        return
    assert len({match.name for match in anchors}) == len(anchors)
    assert [match.start for match in anchors] == sorted(match.start for match in anchors)
    for match in anchors:
        assert 0 <= match.start < match.stop <= len(words)
        assert match.anchor(words).similarity >= round(min_similarity, 4) - 1e-4
        if match.name == "band" and (band := find_band(words, match)):
            assert band[0] in np.arange(0, 9.5, 0.5)
        if match.name == "test" and (test := find_test(words, match)):
            assert 0 <= test[0] <= 99
        if match.name in ("topic", "comment"):
            below = printed_below(words, anchors, match.name)
            chosen = field_words(words, anchors, match.name)
            ids = [id(word) for word in words]
            assert {id(word) for word in chosen} <= {id(word) for word in below} <= set(ids)
            text = reading(chosen)
            assert text is None or text.text.strip()


def columns(rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[k] for row in rows] for k, name in enumerate(COLUMNS)}


tables = st.lists(
    st.tuples(
        *[st.integers(0, 3)] * 3,
        *[st.integers(0, 900)] * 2,
        *[st.integers(-5, 500)] * 2,
        st.floats(-1, 100) | st.integers(-1, 100),
        st.sampled_from(" ".join(PRINTED).split()) | st.text(max_size=8),
    ),
    max_size=40,
).map(columns)


@settings(max_examples=60, deadline=None)
@given(tables, st.floats(0.2, 4))
def test_words_of_any_table_are_in_order_and_on_the_page(
    table: dict[str, list[Any]], scale: float
) -> None:
    words = words_of(table, scale)
    assert [word.line for word in words] == sorted(word.line for word in words)
    for first, second in pairwise(words):
        assert first.line < second.line or first.box.left <= second.box.left
    assert all(word.text.strip() for word in words)


@st.composite
def pictures(draw: st.DrawFn) -> Pixels:
    """Small pictures: one shade, noise, stripes, blocks, and pieces of a real sheet."""
    height, width = draw(st.tuples(st.integers(1, 260), st.integers(1, 260)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["shade", "noise", "stripes", "blocks", "sheet"]))
    page = np.full((height, width, 3), draw(st.integers(0, 255)), np.uint8)
    if kind == "noise":
        page = rng.integers(0, 256, page.shape, np.uint8)
    elif kind == "stripes":
        page[:: draw(st.integers(1, 40))] = draw(st.integers(0, 255))
        page[:, :: draw(st.integers(1, 40))] = draw(st.integers(0, 255))
    elif kind == "blocks":
        for _ in range(draw(st.integers(0, 30))):
            top, left = rng.integers(0, height), rng.integers(0, width)
            page[top : top + rng.integers(1, 60), left : left + rng.integers(1, 60)] = rng.integers(
                256
            )
    elif kind == "sheet":
        top, left = (
            rng.integers(0, SHEET.shape[0] - height),
            rng.integers(0, SHEET.shape[1] - width),
        )
        page = SHEET[top : top + height, left : left + width].copy()
    return page


def read_or_reject(picture: Pixels, config: CropSettings, table: Table | None) -> None:
    try:
        layout, essay = read_sheet(picture, "p", "p.png", config, table)  # type: ignore[arg-type]
    except PageError as error:
        assert str(error) and "\n" not in str(error)
        return
    region = layout.region
    assert Layout.model_validate_json(layout.model_dump_json()) == layout
    assert essay.shape == (region.height, region.width, 3)
    assert region.right <= layout.width and region.bottom <= layout.height


@settings(max_examples=25, deadline=None)
@given(pictures(), tables)
def test_any_picture_with_any_words(picture: Pixels, table: dict[str, list[Any]]) -> None:
    read_or_reject(picture, CONFIG, Table(table))


@settings(max_examples=2, deadline=None)
@given(pictures())
def test_any_picture_with_what_tesseract_reads_on_it(picture: Pixels) -> None:
    read_or_reject(picture, CONFIG, None)
