"""What is fuzzed: each function takes bytes, and raises where the code under test misbehaves.

Every file a person could put into the project must end in a result or in the one error that its
reader announces; whatever else is raised is a finding.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from stages.config.composition import load
from stages.crop import ocr
from stages.crop.sheet import read_sheet
from stages.errors import PageError, UserError
from stages.pages.records import Layout
from stages.pages.scans import list_pages, read_page
from stages.pages.transcriptions import read_transcription
from tests.crop.drawing import BAND, COMMENT, HAND, HEADER, PROMPT, SHEET, TEST, TOPIC, draw_sheet
from tests.crop.tables import COLUMNS, Table

SUFFIXES = (".png", ".jpg", ".tif", ".pdf")
MAX_MEGAPIXELS = 0.25
MAX_PAGES = 3
MAX_WORDS = 100
VOCABULARY = " ".join([*SHEET, TEST, PROMPT, *TOPIC, BAND, *HAND, HEADER, *COMMENT]).split()
SETTINGS = load(["crop=anchors", "crop.max_skew_degrees=0"]).crop
DRAWN = np.ascontiguousarray(draw_sheet(gap=40, size=20).pixels[::3, ::3])


@contextmanager
def file_of(name: str, content: bytes) -> Iterator[Path]:
    """A file in a folder of its own, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def page_reader(data: bytes) -> None:
    """The first byte chooses the suffix, the others are the file."""
    suffix = SUFFIXES[data[0] % len(SUFFIXES)] if data else ".png"
    with file_of(f"page{suffix}", data[1:]) as path:
        pages = list_pages(path.parent)
        assert pages
        assert len({page.page for page in pages}) == len(pages)
        for page in pages[:MAX_PAGES]:
            try:
                pixels = read_page(page, MAX_MEGAPIXELS)
            except PageError as error:
                assert_readable(error)
                continue
            height, width, channels = pixels.shape
            assert (pixels.dtype, channels) == (np.uint8, 3)
            assert 0 < width * height <= MAX_MEGAPIXELS * 1e6


def transcription_reader(data: bytes) -> None:
    """The bytes are the file."""
    with file_of("page.yaml", data) as path:
        try:
            read = read_transcription(path)
        except UserError as error:
            assert_readable(error)
            assert "page.yaml" in str(error)
            return
        assert type(read).model_validate_json(read.model_dump_json()) == read


def layout_parser(data: bytes) -> None:
    """The bytes are a table of OCR words, read off a page that was drawn."""
    try:
        layout, essay = read_sheet(DRAWN, "p", "p.png", SETTINGS, Table(ocr_table(data)))  # type: ignore[arg-type]
    except PageError as error:
        assert_readable(error)
        return
    assert Layout.model_validate_json(layout.model_dump_json()) == layout
    region = layout.region
    assert essay.shape == (region.height, region.width, 3)
    assert region.right <= layout.width and region.bottom <= layout.height
    assert layout.anchors


def ocr_table(data: bytes) -> dict[str, list[Any]]:
    """Rows of ten bytes as Tesseract's columns: most words are of the vocabulary of the sheets."""
    rows = [
        _row(fields) for fields in struct.iter_unpack(">BBHHBBBB", data[: len(data) // 10 * 10])
    ]
    return {name: [row[k] for row in rows] for k, name in enumerate(COLUMNS)}


def _row(fields: tuple[int, ...]) -> tuple[Any, ...]:
    word, line, left, top, width, height, conf, extra = fields
    if extra < 128:
        text = VOCABULARY[(256 * (extra & 1) + word) % len(VOCABULARY)]
    else:
        text = chr(word * (1 + (extra & 127))) + "x" * (extra & 3)
    return line >> 4, 0, line & 15, left % 1000, top % 700, width, height, conf - 28, text


def assert_readable(error: Exception) -> None:
    """An error is for a person: one line, not endless, that can be written to a file."""
    text = str(error)
    assert text.strip()
    assert "\n" not in text and len(text) < 1000
    text.encode()


TARGETS = {target.__name__: target for target in (page_reader, transcription_reader, layout_parser)}

ocr.require_tesseract(SETTINGS.language)
