import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, TrOCRProcessor, ViTImageProcessor

from stages.errors import UserError
from training import train as training
from training.fonts import PRINTABLE, font_paths
from training.model import Recogniser, export, load, new_model
from training.settings import Settings, learning_rate, parse, progress
from training.train import train

FONTS = font_paths("held_out")
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]


@pytest.fixture(scope="module")
def micro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the real classes, small enough to train in a second."""
    vocabulary = {token: k for k, token in enumerate([*SPECIAL, *PRINTABLE])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    images = ViTImageProcessor(
        size={"height": 16, "width": 192}, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    processor = TrOCRProcessor(images, fast)
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("micro") / "checkpoint"
    export(new_model(processor, width=32, layers=1, decoder_layers=1), processor, folder)
    return folder


@pytest.fixture
def settings(micro: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(training, "STATES", tmp_path / "states")
    fonts = FONTS[:2]
    monkeypatch.setattr(training, "font_paths", lambda split: fonts)
    return Settings(
        name="run", init=micro, export=tmp_path / "out", lines=24, batch=4, warmup=2, workers=0
    )


def weights(run: str) -> dict[str, torch.Tensor]:
    state = torch.load(training.STATES / run / "state.pt")
    assert state["step"] == 6
    model: dict[str, torch.Tensor] = state["model"]
    return model


def test_an_interrupted_run_ends_with_the_very_weights_of_an_uninterrupted_one(
    settings: Settings,
) -> None:
    train(settings)
    broken = replace(settings, name="broken")
    train(broken, stop_after=2)
    train(broken, stop_after=1)
    train(broken)
    whole, resumed = weights("run"), weights("broken")
    assert whole.keys() == resumed.keys()
    for name, tensor in whole.items():
        assert torch.equal(tensor, resumed[name]), name


def test_a_state_with_a_payload_is_refused(settings: Settings, tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "made"),)

    path = training.STATES / "run" / "state.pt"
    path.parent.mkdir(parents=True)
    torch.save({"model": Payload()}, path)
    with pytest.raises(UserError, match=r"^[^\n]+state\.pt: refused, not a training state [^\n]+$"):
        train(settings)
    path.write_bytes(b"half")
    with pytest.raises(UserError, match=r"state\.pt: refused"):
        train(settings)
    assert not (tmp_path / "made").exists()


def test_weights_to_begin_with_may_be_a_pickle_of_tensors_and_none_that_would_act(
    settings: Settings, micro: Path, tmp_path: Path
) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "made"),)

    folder = Path(shutil.copytree(micro, tmp_path / "evil"))
    tensors = load_file(folder / "model.safetensors")
    wanted = load(folder)[1].state_dict()
    (folder / "model.safetensors").unlink()
    pickle = folder / "pytorch_model.bin"

    torch.save(tensors, pickle)
    loaded = load(folder)[1].state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in wanted.items())

    torch.save(tensors | {"encoder.x": Payload()}, pickle)
    refused = r"evil: not a TrOCR checkpoint \(a pickle that is broken or holds more"
    with pytest.raises(UserError, match=refused):
        train(replace(settings, init=folder))
    assert not (tmp_path / "made").exists()
    torch.load(pickle, weights_only=False)
    assert (tmp_path / "made").exists()


def test_a_signal_to_the_whole_group_saves_the_run(settings: Settings) -> None:
    fonts = [str(path) for path in FONTS[:2]]
    program = f"""
from pathlib import Path
from training import train as training
from training.settings import Settings
training.STATES = Path({str(training.STATES)!r})
training.LOG_EVERY = 1
training.font_paths = lambda split: [Path(p) for p in {fonts!r}]
training.train(Settings("run", Path({str(settings.init)!r}), Path({str(settings.export)!r}),
                        minutes=60, batch=4, workers=1))
"""
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    log = training.STATES / "run" / "log.jsonl"
    while process.poll() is None and not (log.exists() and log.read_text().count("\n") > 2):
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    logged = json.loads(log.read_text().splitlines()[-1])["step"]
    assert torch.load(training.STATES / "run" / "state.pt")["step"] == logged


def test_training_changes_the_model_and_exports_a_checkpoint_that_generates(
    settings: Settings, micro: Path
) -> None:
    train(settings)
    _, before = load(micro)
    processor, after = load(settings.export)
    assert any(
        not torch.equal(tensor, after.state_dict()[name])
        for name, tensor in before.state_dict().items()
    )
    assert not any(name.startswith("head") for name in after.state_dict())
    tokens = after.generate(torch.zeros(1, 3, 16, 192), max_new_tokens=5)
    assert isinstance(processor.batch_decode(tokens, skip_special_tokens=True)[0], str)
    assert not list(settings.export.parent.glob("*.part"))


def test_a_state_of_another_run_is_refused(settings: Settings) -> None:
    train(settings, stop_after=1)
    with pytest.raises(UserError, match=r"state\.pt: was trained with another batch"):
        train(replace(settings, batch=8))
    with pytest.raises(UserError, match=r"state\.pt: was trained with another fresh"):
        train(replace(settings, fresh=True))
    state = training.STATES / "run" / "state.pt"
    torch.save(torch.load(state) | {"model": {}}, state)
    with pytest.raises(UserError, match=r"state\.pt: is of another model or optimizer; move it"):
        train(settings)


@pytest.mark.parametrize("wrong", ["--lines=0", "--minutes=0", "--rate=nan", "--seed=-1"])
def test_numbers_that_cannot_be_are_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--name=a", "--init=a", "--export=a", wrong])
    assert "give a number" in capsys.readouterr().err


@pytest.mark.parametrize(("quick", "expected"), [(True, "muon"), (False, "adamw")])
def test_muon_is_for_machines_that_have_bfloat16(
    quick: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": quick})
    arguments = ["--name=a", "--init=a", "--export=a", "--device=cpu"]
    assert parse(arguments).optimizer == expected
    assert parse([*arguments, "--optimizer=muon"]).optimizer == "muon"


def test_without_warm_up_the_rate_begins_whole(settings: Settings) -> None:
    assert learning_rate(replace(settings, warmup=0), 0, 0.0) == settings.rate


def test_losses_are_logged_as_json_lines(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "LOG_EVERY", 3)
    train(settings)
    rows = (training.STATES / "run" / "log.jsonl").read_text().splitlines()
    assert [json.loads(row)["lines"] for row in rows] == [12, 24]
    assert all(json.loads(row)["ctc"] > 0 for row in rows)


def test_a_folder_that_is_no_checkpoint_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a TrOCR checkpoint"):
        load(tmp_path)


def test_the_rate_warms_up_and_falls_to_zero_by_time_or_lines() -> None:
    settings = Settings("n", Path(), Path(), minutes=10, lines=1000, rate=1.0, warmup=10)
    assert learning_rate(settings, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(settings, 50, 0.25) == pytest.approx(0.75)
    assert learning_rate(settings, 50, progress(settings, 100, 600)) == 0
    assert progress(settings, 500, 60) == 0.5
    assert progress(settings, 5000, 0) == 1
    assert progress(replace(settings, minutes=None, lines=None), 5000, 1e9) == 0


def test_ctc_leaves_the_encoder_alone_while_its_head_warms_up(micro: Path) -> None:
    _, model = load(micro)
    recogniser = Recogniser(model)
    pixels, labels = torch.rand(2, 3, 16, 192), torch.tensor([[40, 41, 2], [42, 2, -100]])
    for head_only in (True, False):
        recogniser.zero_grad(set_to_none=True)
        recogniser.losses(pixels, labels, head_only)[1].backward()
        weight = next(model.encoder.embeddings.parameters())
        assert recogniser.head.weight.grad is not None
        assert (weight.grad is None) == head_only
