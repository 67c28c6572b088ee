import io
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.errors import UserError
from stages.evaluate.report.pictures import CROP_BYTES, SCAN_BYTES, Picture, encode, page_pictures
from tests.evaluate.pages import make_outcome
from tests.evaluate.pictures import noise, written

PAPER = np.full((1600, 1200, 3), 255, dtype=np.uint8)


def _decoded(picture: Picture) -> tuple[bytes, Image.Image]:
    content = b64decode(picture.uri.removeprefix("data:image/webp;base64,"))
    return content, Image.open(io.BytesIO(content), formats=["WEBP"])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(500, 5000))
def test_size_and_bytes_are_bounded(width: int, height: int, max_bytes: int) -> None:
    picture = encode(noise(width, height), (200, 100), max_bytes)
    content, image = _decoded(picture)
    assert len(content) <= max_bytes
    assert image.size == (picture.width, picture.height)
    assert picture.width <= min(200, width) and picture.height <= min(100, height)


def test_a_picture_looks_as_before() -> None:
    page = written("legible", (600, 80))
    _, image = _decoded(encode(page, (600, 80), 20_000))
    assert image.size == (600, 80)
    apart = np.abs(np.asarray(image.convert("L"), int) - np.asarray(page.convert("L"), int))
    assert apart.mean() < 3


def _write_crops(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True)
    for name in names:
        noise(900, 90).save(folder / f"{name}.png")


def test_a_page_brings_its_scan_and_the_crops_of_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _write_crops(Path("data/lines/p"), ["c0", "c1", "of-another-candidate"])
    outcome = make_outcome("p", raw=["one", "two"])
    pictures = page_pictures(outcome, PAPER)
    assert (pictures.scan.width, pictures.scan.height) == (940, 1253)
    assert list(pictures.crops) == ["c0", "c1"]
    assert len(_decoded(pictures.scan)[0]) <= SCAN_BYTES
    assert all(len(_decoded(crop)[0]) <= CROP_BYTES for crop in pictures.crops.values())
    assert pictures == page_pictures(outcome, PAPER)


def test_a_crop_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"data/lines/p/c0\.png: not there"):
        page_pictures(make_outcome("p", raw=["one"]), PAPER)
