import os
import pickle
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stages.correct.weights import load_plain_pickle, load_weights
from stages.errors import UserError


class Payload:
    """An object whose unpickling makes a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder),)


def test_plain_data_comes_back(tmp_path: Path) -> None:
    data = {"a": [1, 2.5, "x", None, True], 3: ("t", {"u": -1})}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path = tmp_path / f"{protocol}.pkl"
        path.write_bytes(pickle.dumps(data, protocol))
        assert load_plain_pickle(path) == data


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_would_act_is_refused(tmp_path: Path, protocol: int) -> None:
    made, path = tmp_path / "made", tmp_path / "vocab.pkl"
    path.write_bytes(pickle.dumps({"token2idx": Payload(made)}, protocol))
    with pytest.raises(UserError) as caught:
        load_plain_pickle(path)
    assert str(path) in str(caught.value)
    assert "mkdir" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not made.exists()
    pickle.loads(path.read_bytes())
    assert made.exists(), "the payload of this test does nothing"


@pytest.mark.parametrize("value", [Counter("ab"), OrderedDict(a=1), np.int64(3), Path("x"), len])
def test_other_types_are_refused_by_name(tmp_path: Path, value: object) -> None:
    path = tmp_path / "vocab.pkl"
    path.write_bytes(pickle.dumps({"a": value}))
    with pytest.raises(UserError, match=r"vocab\.pkl: refused, not plain data"):
        load_plain_pickle(path)


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html>", b"\x80\x04K", b"\x80\x04\x8c\xff"])
def test_a_broken_pickle_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vocab.pkl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^[^\n]*vocab\.pkl: refused[^\n]*$"):
        load_plain_pickle(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_load_with_numpys_scalars_beside_them(tmp_path: Path, zipped: bool) -> None:
    saved = {"w": torch.arange(3), "best": np.float64(0.5), "epoch": 3}
    torch.save(saved, tmp_path / "model.bin", _use_new_zipfile_serialization=zipped)
    loaded = load_weights(tmp_path, ["model.bin"])
    assert torch.equal(loaded["w"], saved["w"])
    assert (loaded["best"], loaded["epoch"]) == (0.5, 3)


def test_safetensors_come_first(tmp_path: Path) -> None:
    save_file({"w": torch.ones(2)}, tmp_path / "model.safetensors")
    torch.save({"w": torch.zeros(2)}, tmp_path / "model.bin")
    assert load_weights(tmp_path, ["model.safetensors", "model.bin"])["w"].sum() == 2


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_that_would_act_are_refused(tmp_path: Path, zipped: bool) -> None:
    made = tmp_path / "made"
    saved = {"w": torch.ones(2), "x": Payload(made)}
    torch.save(saved, tmp_path / "model.bin", _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError) as caught:
        load_weights(tmp_path, ["model.bin"])
    assert "model.bin: refused" in str(caught.value)
    assert "mkdir" in str(caught.value)
    assert "weights_only" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not made.exists()


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.safetensors or b\.bin"):
        load_weights(tmp_path, ["a.safetensors", "b.bin"])
