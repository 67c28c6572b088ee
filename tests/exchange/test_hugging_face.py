import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from PIL import Image

from exchange.gather import Scan
from exchange.hugging_face import PROVENANCE, write_hugging_face
from stages.evaluate.summary import SCORES
from stages.files import write_text
from stages.pages.scans import PAGES, PageSource
from stages.pages.stored import LINES
from tests.exchange.pages import READ, page_of, sheet_of

NAMES = ["essay-1", "writing-test-2"]


def scans() -> Iterator[Scan]:
    """Pages with an image and a crop of each line, put below the working directory."""
    PAGES.mkdir(parents=True)
    pixels = np.zeros((20, 30, 3), np.uint8)
    for name in NAMES:
        path = PAGES / f"{name}.png"
        Image.fromarray(pixels).save(path)
        (LINES / name).mkdir(parents=True)
        for number in range(len(READ)):
            Image.fromarray(pixels).save(LINES / name / f"crop{number}.png")
        sheet = replace(sheet_of(page_of()), page=name, source=path.name, image=path.name)
        yield Scan(sheet, PageSource(name, path), pixels)


def test_all_rows_are_in_train_whatever_the_scans_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left to itself, `datasets` takes an image with `test` in its name for another split."""
    monkeypatch.chdir(tmp_path)
    write_text(SCORES, json.dumps({"pages_transcribed": 0}))
    write_text(PROVENANCE, "")
    out = tmp_path / "out"
    out.mkdir()
    assert write_hugging_face(scans(), out, "unknown") == len(NAMES)
    rows = {"pages": NAMES, "lines": [name for name in NAMES for _ in READ]}
    for configuration, pages in rows.items():
        splits = load_dataset(str(out), configuration, cache_dir=str(tmp_path / "cache"))
        assert list(splits) == ["train"]
        assert splits["train"]["page"] == pages
        assert {image.size for image in splits["train"]["image"]} == {(30, 20)}
