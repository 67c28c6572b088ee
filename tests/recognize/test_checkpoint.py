import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.recognize.checkpoint import load_checkpoint
from tests.recognize.hub import COMMIT

Settings = Callable[..., RecognizeSettings]
ROOT = Path(__file__).parents[2]
EMBEDDED = Path("models/embedded")


def test_the_identity_follows_the_weights_and_not_the_card(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(EMBEDDED, folder)
    first = load_checkpoint(settings(checkpoint=str(folder))).identity
    (folder / "README.md").write_text("another card")
    assert load_checkpoint(settings(checkpoint=str(folder))).identity == first
    config = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(config | {"max_new_tokens": 7}))
    assert load_checkpoint(settings(checkpoint=str(folder))).identity != first


def test_dtype_is_as_asked(settings: Settings) -> None:
    assert load_checkpoint(settings(device="cpu")).model.dtype == torch.float32
    asked = load_checkpoint(settings(device="cpu", dtype="bfloat16"))
    assert asked.model.dtype == torch.bfloat16


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_missing_device_is_one_line(settings: Settings) -> None:
    with pytest.raises(UserError, match="no CUDA device"):
        load_checkpoint(settings(device="cuda"))


@pytest.mark.parametrize("name", ["models/missing", "/no/where", "./here", "embedded"])
def test_a_missing_folder_is_one_line(settings: Settings, name: str) -> None:
    with pytest.raises(UserError, match=r"no such checkpoint folder.*recognize\.checkpoint"):
        load_checkpoint(settings(checkpoint=name))


def test_a_folder_without_a_checkpoint_is_one_line(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError) as caught:
        load_checkpoint(settings(checkpoint=str(tmp_path)))
    assert "not a TrOCR checkpoint" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreachable_hub_is_one_line() -> None:
    script = (
        "from stages.config.composition import load\n"
        "from stages.errors import UserError\n"
        "from stages.recognize.checkpoint import load_checkpoint\n"
        "try:\n"
        "    load_checkpoint(load(['recognize=trocr_large']).recognize)\n"
        "except UserError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    assert "could not be had from the model hub" in done.stdout
    assert done.stdout.count("\n") == 1


def test_a_pickle_of_tensors_loads_and_one_with_a_payload_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "evil"
    shutil.copytree(EMBEDDED, folder)
    weights = load_file(folder / "model.safetensors")
    wanted = load_checkpoint(settings(checkpoint=str(folder))).model.state_dict()
    (folder / "model.safetensors").unlink()
    pickle = folder / "pytorch_model.bin"
    marker = tmp_path / "ran"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(marker),)

    torch.save(weights, pickle)
    loaded = load_checkpoint(settings(checkpoint=str(folder))).model.state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in wanted.items())

    torch.save(weights | {"encoder.x": Payload()}, pickle)
    refused = r"^[^\n]+/evil: not a TrOCR checkpoint \(a pickle that is broken or holds more"
    with pytest.raises(UserError, match=refused):
        load_checkpoint(settings(checkpoint=str(folder)))
    assert not marker.exists()
    torch.load(pickle, weights_only=False)
    assert marker.exists()


def test_a_checkpoint_from_the_hub_is_named_by_its_commit(tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    kept = tmp_path / "hub/models--me--mine"
    shutil.copytree(EMBEDDED, kept / "snapshots" / commit)
    (kept / "refs").mkdir()
    (kept / "refs/main").write_text(commit)
    script = (
        "from stages.config.composition import load\n"
        "from stages.recognize.checkpoint import load_checkpoint\n"
        "wanted = load(['recognize.checkpoint=me/mine', 'recognize.revision=main']).recognize\n"
        "identity = load_checkpoint(wanted).identity\n"
        "print(identity.name, identity.digest, identity.revision)\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    name = f"me/mine@{commit}"
    assert done.stdout.split() == [name, name, commit]


def test_a_hub_that_answers_garbage_is_one_line_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    answers = ("a page for everything", "files cut off", "well", "well")
    command = [sys.executable, "-m", "tests.recognize.hub", str(tmp_path), *answers]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    page, cut, *well = map(json.loads, done.stdout.splitlines())
    for told in (page, cut):
        assert told.startswith("refused: someone/answers: could not be had from the model hub (")
        assert "\n" not in told
    assert well == [f"someone/answers@{COMMIT}"] * 2
    assert done.stderr == ""


def test_a_broken_file_that_the_hubs_cache_took_for_good_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.recognize.hub", str(tmp_path), "a page for every file"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    [told] = map(json.loads, done.stdout.splitlines())
    folder = tmp_path / "hub/models--someone--answers"
    assert f"if the files in {folder} are broken, delete it" in told
    assert folder.is_dir()


def test_crops_become_pixels_in_one_way_whatever_else_is_installed(settings: Settings) -> None:
    checkpoint = load_checkpoint(settings())
    assert type(checkpoint.processor.image_processor).__name__ == "ViTImageProcessorPil"
