from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stages.config.settings import RecognizeSettings
from stages.recognize import views
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.reader import Reader
from stages.recognize.stored import VIEWS

Settings = Callable[..., RecognizeSettings]
Crops = list[np.ndarray]


@pytest.fixture
def checkpoint(settings: Settings) -> Checkpoint:
    return load_checkpoint(settings())


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many crops the encoder is given, at each call."""
    counts: list[int] = []
    encode = views.encode

    def counting(checkpoint: Checkpoint, wanted: RecognizeSettings, crops: Crops) -> object:
        counts.append(len(crops))
        return encode(checkpoint, wanted, crops)

    monkeypatch.setattr(views, "encode", counting)
    return counts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VIEWS, str(tmp_path / "views"))
    (tmp_path / "views").mkdir()
    return tmp_path / "views"


def test_other_searches_take_what_the_encoder_gave_and_read_the_same(
    settings: Settings,
    lines: Crops,
    encoded: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkpoint = load_checkpoint(settings())
    searches = [
        settings(num_beams=2, n_best=2, doubt=0.0),
        settings(num_beams=1, n_best=1, doubt=0.0),
        settings(num_beams=4, n_best=3, length_penalty=0.5, alternatives=2, doubt=0.0),
    ]
    alone = [Reader(checkpoint, wanted).read(lines) for wanted in searches]
    assert encoded == [len(lines)] * 9  # upright and at two slants
    encoded.clear()
    monkeypatch.setenv(VIEWS, str(tmp_path))
    assert [Reader(checkpoint, wanted).read(lines) for wanted in searches] == alone
    assert encoded == [len(lines)] * 3


def test_what_another_greedy_reading_would_follow_from_is_told_apart(
    settings: Settings, lines: Crops, checkpoint: Checkpoint, encoded: list[int], folder: Path
) -> None:
    Reader(checkpoint, settings(slants=[])).read(lines)
    for other in ({"no_repeat_ngram_size": 3}, {"grayscale": False}, {"pad_to_aspect": 12}):
        Reader(checkpoint, settings(slants=[], **other)).read(lines)
    assert encoded == [len(lines)] * 4


def test_a_file_that_is_broken_or_gone_is_made_again(
    settings: Settings, lines: Crops, checkpoint: Checkpoint, encoded: list[int], folder: Path
) -> None:
    wanted = settings(slants=[])
    read = Reader(checkpoint, wanted).read(lines)
    kept = sorted(folder.iterdir())
    assert len(kept) == len(lines)
    content = kept[0].read_bytes()
    kept[0].write_bytes(content[: len(content) // 2])
    kept[1].write_bytes(b"")
    kept[2].unlink()
    assert Reader(checkpoint, wanted).read(lines) == read
    assert encoded == [len(lines), 3]
    assert kept[0].read_bytes() == content
    assert sorted(folder.iterdir()) == kept


def test_where_nothing_can_be_kept_it_is_read_all_the_same(
    settings: Settings,
    lines: Crops,
    checkpoint: Checkpoint,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = settings(slants=[])
    monkeypatch.setattr("stages.store.shelf.LEFT_FREE", 1 << 62)
    read = Reader(checkpoint, wanted).read(lines)
    assert not list(folder.iterdir())
    monkeypatch.undo()
    monkeypatch.setenv(VIEWS, str(folder / "gone"))
    assert Reader(checkpoint, wanted).read(lines) == read
    assert not list(folder.iterdir())
