"""Checkpoints that bring code along: it never runs, whoever says yes to it."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.recognize.checkpoint import load_checkpoint
from training.model import load

EMBEDDED = Path("models/embedded")
CODE = "from pathlib import Path\nPath({marker!r}).touch()\nclass Foreign:\n    pass\n"
FILES = {
    "config.json": ("AutoConfig", "AutoModel"),
    "tokenizer_config.json": ("AutoTokenizer",),
    "processor_config.json": ("AutoProcessor", "AutoImageProcessor"),
}


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@pytest.fixture
def folder(tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The embedded checkpoint with code of its own beside it; every question is answered yes."""
    folder = tmp_path / "foreign"
    shutil.copytree(EMBEDDED, folder)
    (folder / "foreign.py").write_text(CODE.format(marker=str(marker)))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 50))
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    return folder


def _ask_for_code(file: Path) -> None:
    """Name classes in foreign.py, and no class of transformers that could do instead."""
    content = json.loads(file.read_text())
    reference = "foreign.Foreign"
    content["auto_map"] = {
        name: [reference, None] if name == "AutoTokenizer" else reference
        for name in FILES[file.name]
    }
    for key in ("tokenizer_class", "image_processor_type", "processor_class", "model_type"):
        if key in content:
            content[key] = "Foreign"
    file.write_text(json.dumps(content))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("loader", ["recognize", "training"])
def test_auto_map_is_not_followed(
    settings: Callable[..., RecognizeSettings],
    folder: Path,
    marker: Path,
    name: str,
    loader: str,
) -> None:
    _ask_for_code(folder / name)
    try:  # either it loads without the code, or it is refused
        if loader == "recognize":
            load_checkpoint(settings(checkpoint=str(folder)))
        else:
            load(folder)
    except UserError as error:
        assert str(folder) in str(error)
        assert "\n" not in str(error)
    assert not marker.exists()
    assert sys.stdin.read(2) == "y\n", "somebody was asked"


def test_code_for_generating_is_not_run(
    settings: Callable[..., RecognizeSettings], folder: Path, marker: Path
) -> None:
    (folder / "custom_generate").mkdir()
    (folder / "foreign.py").rename(folder / "custom_generate/generate.py")
    load_checkpoint(settings(checkpoint=str(folder)))
    assert not marker.exists()
    assert sys.stdin.read(2) == "y\n", "somebody was asked"
