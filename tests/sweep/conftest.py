"""A small project under Git and DVC."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

WHO = {f"GIT_{who}_{what}": "t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
FILES = {
    "dvc.yaml": "stages: {read: {cmd: 'true', deps: [data/pages, models/embedded]}}",
    "models/embedded/weights": "one",
    "models/ours/weights": "one",
    "data/pages/a.png": "a",
    "data/transcriptions/a.yaml": "band: 6",
}


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **WHO})


def commit() -> None:
    run("git", "add", "-A")
    run("git", "commit", "-qm", "x")


def dvc(*arguments: str) -> None:
    run(sys.executable, "-m", "dvc", *arguments)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with `FILES` in its only commit."""
    monkeypatch.chdir(tmp_path)
    run("git", "init", "-q")
    dvc("init", "-q")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    commit()
    return tmp_path
