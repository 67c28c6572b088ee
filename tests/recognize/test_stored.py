from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stages.config.composition import load
from stages.config.settings import RecognizeSettings
from stages.errors import PageError
from stages.pages.scans import Pixels
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.engine import Engine, LocalEngine, Readings, expected_length
from stages.recognize.identity import Identity
from stages.recognize.reader import Reader
from stages.recognize.stored import StoredReader, reading_digest
from stages.running.pool import Fault
from stages.store.results import Store
from tests.recognize.drawing import WORDS, draw_line

BASE = load(["recognize=embedded"]).recognize
SAME = {"batch_size", "selector", "checkpoint", "revision", "device", "dtype"}
SAME |= {"engine", "actor_cpus"}
IDENTITY = Identity("a@1", "1" * 64, None, "cpu", "float32")
CHANGES = {
    "min_height": st.integers(1, 100),
    "grayscale": st.just(not BASE.grayscale),
    "pad_to_aspect": st.floats(0, 9),
    "slants": st.lists(st.floats(-1, 1), max_size=8, unique=True).filter(BASE.slants.__ne__),
    "doubt": st.floats(-100, -0.04),
    "num_beams": st.integers(5, 64),
    "n_best": st.integers(1, 3),
    "alternatives": st.integers(6, 20),
    "length_penalty": st.floats(-10, 0.9),
    "no_repeat_ngram_size": st.integers(1, 20),
    "early_stopping": st.just(not BASE.early_stopping),
    "max_new_tokens": st.integers(97, 1024),
    "batch_size": st.integers(1, 4096),
    "selector": st.sampled_from(["longest", "likelihood"]),
    "checkpoint": st.text(min_size=1),
    "revision": st.text(),
    "device": st.sampled_from(["auto", "cpu", "cuda"]),
    "dtype": st.sampled_from(["bfloat16", "float16"]),
    "engine": st.just("ray"),
    "actor_cpus": st.integers(2, 256),
}


@given(st.data())
def test_any_setting_that_changes_a_reading_changes_its_key(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(RecognizeSettings.model_fields)))
    changed = BASE.model_copy(update={name: data.draw(CHANGES[name])})
    same = reading_digest(IDENTITY, changed) == reading_digest(IDENTITY, BASE)
    assert same == (name in SAME)


def test_checkpoint_device_and_dtype_count_as_they_turned_out() -> None:
    others = [
        replace(IDENTITY, digest="2" * 64),
        replace(IDENTITY, device="cuda"),
        replace(IDENTITY, dtype="bfloat16"),
    ]
    keys = {reading_digest(identity, BASE) for identity in (IDENTITY, *others)}
    assert len(keys) == 4
    moved = replace(IDENTITY, name="elsewhere@1")
    assert reading_digest(moved, BASE) in keys


def test_what_counts_as_doubt_does_not_count_where_nothing_is_read_again() -> None:
    once = BASE.model_copy(update={"slants": []})
    other = once.model_copy(update={"doubt": -1.0})
    assert reading_digest(IDENTITY, once) == reading_digest(IDENTITY, other)


def test_what_a_greedy_search_ignores_does_not_count() -> None:
    greedy = BASE.model_copy(update={"num_beams": 1})
    other = greedy.model_copy(update={"length_penalty": 2.0, "early_stopping": False, "n_best": 9})
    assert reading_digest(IDENTITY, greedy) == reading_digest(IDENTITY, other)


@pytest.fixture
def crops(tmp_path: Path) -> list[Path]:
    """Six files of line crops, two of them alike."""
    paths = []
    for number, text in enumerate([*WORDS[:5], WORDS[0]]):
        paths.append(tmp_path / f"{number}.png")
        draw_line(text).save(paths[-1])
    return paths


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many crops each call of the reader was given."""
    sizes: list[int] = []
    real = Reader.read

    def counted(self: Reader, crops: list[np.ndarray]) -> object:
        sizes.append(len(crops))
        return real(self, crops)

    monkeypatch.setattr(Reader, "read", counted)
    yield sizes


@cache
def embedded() -> Checkpoint:
    return load_checkpoint(BASE)


def local(settings: RecognizeSettings, store: Store) -> StoredReader:
    return StoredReader(LocalEngine(settings), settings, store)


@pytest.mark.parametrize("kept", ["file", "memory"])
def test_distinct_crops_are_read_once_in_full_batches(
    crops: list[Path], batches: list[int], tmp_path: Path, kept: str
) -> None:
    pixels = [np.asarray(Image.open(path)) for path in crops]
    expected = Reader(embedded(), BASE).read(pixels)
    settings = BASE.model_copy(update={"batch_size": 3})
    batches.clear()
    with closing(Store(tmp_path / "store.sqlite" if kept == "file" else None)) as store:
        reader = local(settings, store)
        reader.fill(crops)
        assert batches == [3, 2]
        assert reader.read(crops) == expected
        local(BASE, store).fill(crops)
        assert batches == [3, 2]
        wider = local(BASE.model_copy(update={"n_best": 2}), store)
        assert [len(found) for found in wider.read(crops[:1])] == [2]
        assert batches == [3, 2, 1]


def test_the_shortest_of_all_crops_are_read_first(
    crops: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[float]] = []

    def counted(self: LocalEngine, keys: Sequence[str], load: Callable[[str], Pixels]) -> object:
        given.append([expected_length(load(key)) for key in keys])
        return iter([{key: Fault("not read") for key in keys}])

    monkeypatch.setattr(LocalEngine, "read", counted)
    with closing(Store(None)) as store:
        local(BASE.model_copy(update={"batch_size": 2}), store).fill(crops)
    assert [len(batch) for batch in given] == [2, 2, 1]
    lengths = [length for batch in given for length in batch]
    assert lengths == sorted(lengths)


def test_what_was_pruned_meanwhile_is_read_again(crops: list[Path], batches: list[int]) -> None:
    with closing(Store(None)) as store:
        read = local(BASE, store).read(crops)
    assert batches == [5]
    assert read[0] == read[5]


class Faulty:
    """An engine that gives up on crops of one width, as one on a cluster can."""

    def __init__(self, engine: Engine, width: int) -> None:
        self.identity, self.at_once = engine.identity, 4
        self._engine, self._width = engine, width

    def read(self, keys: Sequence[str], load: Callable[[str], Pixels]) -> Iterator[Readings]:
        bad = {key for key in keys if load(key).shape[1] == self._width}
        yield {key: Fault("its worker died, 3 times") for key in bad}
        yield from self._engine.read([key for key in keys if key not in bad], load)


def test_a_crop_that_cannot_be_read_is_a_fault_of_its_page_alone(crops: list[Path]) -> None:
    pixels = [np.asarray(Image.open(path)) for path in crops]
    expected = Reader(embedded(), BASE).read(pixels)
    with closing(Store(None)) as store:
        engine = Faulty(LocalEngine(BASE), pixels[2].shape[1])
        reader = StoredReader(engine, BASE, store)
        reader.fill(crops)
        reason = r"^line crop 2 of 3 cannot be read \(its worker died, 3 times\)$"
        with pytest.raises(PageError, match=reason):
            reader.read(crops[1:4])
        others = [0, 1, 3, 4, 5]
        assert reader.read([crops[i] for i in others]) == [expected[i] for i in others]
