"""A small project under Git and DVC: two commits, an experiment, a changed working tree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compare.tables import write_metrics

LENGTH = 500
PAGES = [f"p{number}" for number in range(8)]
FIRST = {page: (40 + number, LENGTH) for number, page in enumerate(PAGES)}
BETTER = {page: (edits - 10 - edits % 2, length) for page, (edits, length) in FIRST.items()}
WORSE = {page: (edits + 20, length) for page, (edits, length) in FIRST.items()}
PERFECT = dict.fromkeys(PAGES, (0, LENGTH))


def _run(*command: str) -> None:
    who = {
        f"GIT_{role}_{what}": "t" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **who})


def commit() -> None:
    _run("git", "add", "-A")
    _run("git", "commit", "-qm", "x")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DVC_ROOT", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory; `empty` (a tag) has no metrics, `HEAD~1` FIRST, `HEAD` BETTER, the
    experiment `trial` WORSE, and the working tree PERFECT."""
    monkeypatch.chdir(tmp_path)
    _run("git", "init", "-q")
    _run(sys.executable, "-m", "dvc", "init", "-q")
    commit()
    _run("git", "tag", "empty")
    write_metrics(tmp_path, FIRST)
    commit()
    write_metrics(tmp_path, BETTER)
    commit()
    write_metrics(tmp_path, WORSE)
    _run(sys.executable, "-m", "dvc", "exp", "save", "-q", "-n", "trial")
    write_metrics(tmp_path, PERFECT)
    return tmp_path
