"""Checkpoints that name code of their own, and a user who says yes to everything."""

import io
import json
import sys
from pathlib import Path

import pytest


def ask_for_code(folder: Path, marker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the configurations in `folder` name classes of a module that makes `marker`."""
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass Foreign:\n    pass\n"
    (folder / "foreign.py").write_text(code)
    for name, kinds in (("config", ["AutoConfig", "AutoModel"]), ("tokenizer_config", [])):
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        content = json.loads(path.read_text())
        content |= {"model_type": "foreign", "tokenizer_class": "Foreign"}
        content["auto_map"] = dict.fromkeys(kinds, "foreign.Foreign")
        if name == "tokenizer_config":
            content["auto_map"]["AutoTokenizer"] = ["foreign.Foreign", None]
        path.write_text(json.dumps(content))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 50))
    monkeypatch.setenv("HF_MODULES_CACHE", str(folder / "modules"))
