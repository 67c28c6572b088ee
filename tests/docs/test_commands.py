"""Every command of the guide is run, page by page, in a clone of the project."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.guide import script
from tests.pipeline.conftest import ROOT, Clone
from tests.recognize import checkpoints

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def published(clone: Clone, cache: Path) -> None:
    """Tiny checkpoints where the hub's files would be after a download, and in a local folder."""
    checkpoints.write_base(clone.root / "models/trocr-large")
    hub = cache / "hub/models--microsoft--trocr-large-handwritten"
    checkpoints.write_base(hub / "snapshots/1")
    (hub / "refs").mkdir()
    (hub / "refs/main").write_text("1")


def transcribed(clone: Clone, _: Path) -> None:
    """What the reader types in the window: another line on the first page."""
    first = min((clone.root / "data/transcriptions").glob("*.yaml"))
    first.write_text(first.read_text().replace("essay: |\n", "essay: |\n  One line more\n"))


PREPARE: dict[str, Callable[[Clone, Path], None]] = {
    "large-checkpoints.md": published,
    "own-pages.md": transcribed,
}


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_works(page: Path, copy: Clone, tmp_path: Path) -> None:
    commands = script(page)
    if "$ " not in commands:
        pytest.skip("no commands on this page")
    (copy.root / ".venv").symlink_to(sys.prefix)
    PREPARE.get(page.name, lambda *_: None)(copy, tmp_path / "hf")
    said = copy.run(
        "bash",
        "-c",
        commands,
        HF_HOME=str(tmp_path / "hf"),
        MAKEFLAGS="-o .venv/installed",
        MLFLOW_DISABLE_TELEMETRY="true",
    )
    assert "Traceback" not in said


def test_every_page_stands_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.name == "README.md" or f"]({page.name})" in index
