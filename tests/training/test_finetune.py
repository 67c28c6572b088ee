from pathlib import Path

import numpy as np
import pytest
import torch

from stages.config.composition import load
from stages.recognize.checkpoint import load_checkpoint
from tests.recognize import checkpoints
from training.evaluate import render_lines
from training.finetune import Plan, cer, readable, train
from training.model import export
from training.pairs import Pair


def pair(text: str) -> Pair:
    return Pair("p", np.zeros((9, 90, 3), np.uint8), text)


def test_lines_that_the_checkpoint_cannot_write_are_left_out() -> None:
    tokenizer = load_checkpoint(load(["recognize=embedded"]).recognize).processor.tokenizer
    pairs = [pair("plain"), pair("caf\u00e9"), pair("x" * 96), pair("y" * 95)]
    assert [p.text for p in readable(pairs, tokenizer, 96)] == ["plain", "y" * 95]


def test_training_on_a_few_lines_teaches_them() -> None:
    settings = load(["recognize.num_beams=1", "recognize.n_best=1"]).recognize
    checkpoint = load_checkpoint(settings)
    lines = render_lines("held_out", 8, misspelt=False, augmented=True, seed=3)
    pairs = [Pair("p", crop, text) for crop, text in zip(lines.crops, lines.texts, strict=True)]
    before = cer(checkpoint, settings, pairs)
    train(checkpoint, settings, pairs, Plan(epochs=8, batch=4, rate=2e-4))
    assert cer(checkpoint, settings, pairs) < 0.7 * before


@pytest.mark.parametrize("layout", ["base", "small"])
def test_published_layouts_train_and_load_again(layout: str, tmp_path: Path) -> None:
    getattr(checkpoints, f"write_{layout}")(tmp_path / "published")
    settings = load(
        [
            f"recognize=trocr_{layout}",
            f"recognize.checkpoint={tmp_path / 'published'}",
            "recognize.dtype=float32",
            "recognize.num_beams=1",
            "recognize.max_new_tokens=8",
        ]
    ).recognize
    checkpoint = load_checkpoint(settings)
    before = {name: tensor.clone() for name, tensor in checkpoint.model.state_dict().items()}
    train(checkpoint, settings, [pair("one line"), pair("and another")], Plan(epochs=1, batch=2))
    export(checkpoint.model, checkpoint.processor, tmp_path / "ours")
    again = load_checkpoint(settings.model_copy(update={"checkpoint": str(tmp_path / "ours")}))
    changed = [
        name
        for name, tensor in again.model.state_dict().items()
        if not torch.allclose(tensor, before[name], atol=1e-6)
    ]
    assert any(name.startswith("encoder") for name in changed)
    assert any(name.startswith("decoder") for name in changed)
    lines = [pair("one line"), pair("another")]
    assert cer(again, settings, lines) == cer(checkpoint, settings, lines)
