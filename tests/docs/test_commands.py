"""Every command of the guide is run, page by page, in a clone of the project."""

import re
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from tests.docs.guide import commands, script
from tests.docs.test_apart import RUN
from tests.pipeline.conftest import ROOT, Clone
from tests.recognize import checkpoints

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def published(clone: Clone, cache: Path) -> None:
    """Tiny checkpoints where the hub's files would be after a download, and in a local folder."""
    checkpoints.write_base(clone.root / "models/trocr-large")
    hub = cache / "hub/models--microsoft--trocr-large-handwritten"
    commit = "1" * 40
    checkpoints.write_base(hub / f"snapshots/{commit}")
    (hub / "refs").mkdir()
    (hub / "refs/main").write_text(commit)


def transcribed(clone: Clone, _: Path) -> None:
    """What the reader types in the window: another line on the first page."""
    first = min((clone.root / "data/transcriptions").glob("*.yaml"))
    first.write_text(first.read_text().replace("essay: |\n", "essay: |\n  One line more\n"))


def with_origin(clone: Clone, root: Path) -> None:
    """A Git remote that has what is committed."""
    clone.run("git", "init", "-q", "--bare", str(root.with_name("origin.git")))
    clone.run("git", "remote", "add", "origin", str(root.with_name("origin.git")))
    clone.run("git", "push", "-q", "origin", "HEAD")


# In backticks within a line.
COMMAND = re.compile(
    r"(?<!`)`((?:[A-Z_]+=\S+ )*(?:make|dvc|git|mlflow|pip|python -m|rm|find|hf|touch|source"
    r"|export(?= [A-Z_]+=)) [^`]+)`(?!`)"
)

PREPARE: dict[str, Callable[[Clone, Path], None]] = {
    "large-checkpoints.md": published,
    "own-pages.md": transcribed,
    "sharing.md": with_origin,
}

# Commands that the guide has in its sentences only, as somebody would type them.
IN_SENTENCES = (
    "dvc repro --single-item --force correct",
    "dvc repro --single-item --force recognize",
    "dvc remote modify --local group verify true",
    "git log -S0123abcd -- dvc.lock",
    'make exchange ARGS="export page --out exports/back"',
    "source .venv/bin/activate",
    "python -m exchange import page exports/back/*.xml --overwrite",
    "python -m exchange export alto --out exports/alto",
    "python -m bench.million",
    "python -m bench.reading recognize.dtype=bfloat16",
    "python -m bench.transcribing",
    "make figures",
    "make sweep",
    "PAGE_WORKERS=2 dvc repro -f crop",
    "STAGE_SERVER=off dvc repro -f crop",
    # what a crash of DVC leaves, and its cures
    "touch .dvc/tmp/rwlock",
    "rm .dvc/tmp/rwlock",
    "mkdir -p .dvc/cache/runs/ab/empty",
    "find .dvc/cache/runs -type d -empty -delete",
    "rm dvc.lock",
    "dvc repro",
    "rm data/transcriptions/*.yaml",
    "dvc repro evaluate",
)


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_works(page: Path, copy: Clone, tmp_path: Path) -> None:
    if not commands(page):
        pytest.skip("no commands on this page")
    (copy.root / ".venv").symlink_to(sys.prefix)
    PREPARE.get(page.name, lambda *_: None)(copy, tmp_path / "hf")
    said = copy.run(
        "bash",
        "-c",
        script(page),
        HF_HOME=str(tmp_path / "hf"),
        MAKEFLAGS="-o .venv/installed",
        MLFLOW_DISABLE_TELEMETRY="true",
    )
    assert "Traceback" not in said


@pytest.mark.long
def test_the_commands_in_sentences_work(copy: Clone) -> None:
    (copy.root / ".venv").symlink_to(sys.prefix)
    copy.dvc("remote", "add", "group", "/tmp/group-data")
    for command in IN_SENTENCES:
        said = copy.run("bash", "-c", command, MAKEFLAGS="-o .venv/installed")
        assert "Traceback" not in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_sentence_has_another_command(page: Path) -> None:
    run = "\n".join([*IN_SENTENCES, *RUN, *chain.from_iterable(map(commands, PAGES))])
    for found in COMMAND.findall(page.read_text(encoding="utf-8")):
        command = " ".join(found.split())
        known = any(command.startswith(name) for name in RUN)
        assert known or re.search(pattern(command), run, re.MULTILINE), command


def pattern(command: str) -> str:
    """What a command line looks like that a sentence names, with FOLDER and <name> for anything."""
    parts = re.split(r"[A-Z]{4,}(?![A-Z=])(?:\.\.\.)?|<[^>]+>", command)
    return "^" + r"\S+".join(map(re.escape, parts))


def test_every_page_stands_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.name == "README.md" or f"]({page.name})" in index
