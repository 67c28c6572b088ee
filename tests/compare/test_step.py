"""A project of one stage, as `dvc repro` leaves it, and what is edited since."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compare.step import changed_since_run
from stages.errors import UserError

PIPELINE = """
stages:
  score:
    cmd: cp code.txt scores.txt
    deps: [code.txt]
    outs: [scores.txt]
"""


@pytest.fixture
def pipeline(project: Path) -> Path:
    (project / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (project / "code.txt").write_text("one", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "dvc", "repro", "-q"], check=True)
    return project


def test_what_changed_since_the_run_is_named(pipeline: Path) -> None:
    assert changed_since_run() == ""
    (pipeline / "scores.txt").unlink()
    assert changed_since_run() == "", "a fresh clone has none"
    (pipeline / "code.txt").write_text("two", encoding="utf-8")
    assert changed_since_run() == "code.txt"
    (pipeline / "dvc.yaml").write_text(PIPELINE.replace("cp", "cp -f"), encoding="utf-8")
    assert changed_since_run() == "changed command, code.txt"


def test_without_dvc_nothing_is_known_and_a_fault_of_its_is_told(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "dvc.yaml").write_text("stages: 7", encoding="utf-8")
    with pytest.raises(UserError, match=r"^dvc cannot tell whether metrics/ is in step: [^\n]+$"):
        changed_since_run()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setitem(os.environ, "GIT_CEILING_DIRECTORIES", str(elsewhere.parent))
    monkeypatch.chdir(elsewhere)
    assert changed_since_run() == ""
