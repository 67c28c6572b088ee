import subprocess
import sys
from pathlib import Path

import pytest

from stages.evaluate.tracking.origin import origin_tags
from stages.evaluate.tracking.state import folder_digest

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def _without_dataset(tags: dict[str, str]) -> dict[str, str]:
    assert tags.pop("dvc.dataset") == folder_digest(Path("data/dataset"))
    return tags


def test_tags_lead_back_to_commit_and_experiment(folder: Path) -> None:
    assert _without_dataset(origin_tags({})) == {}
    (folder / "file").write_text("1", encoding="utf-8")
    _run(*GIT, "init", "-q")
    _run(*GIT, "add", "file")
    _run(*GIT, "commit", "-q", "-m", "one")
    clean = origin_tags({})
    assert len(clean["dvc.baseline"]) == 40
    assert clean["git.dirty"] == "false"
    (folder / "file").write_text("2", encoding="utf-8")
    tags = origin_tags({"DVC_EXP_NAME": "plum-tart", "DVC_EXP_BASELINE_REV": "abc"})
    assert _without_dataset(tags) == {
        "dvc.exp_name": "plum-tart",
        "dvc.baseline": "abc",
        "git.dirty": "true",
    }


def test_an_experiment_is_known_by_its_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "t")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "t@example.org")
    dvc = [sys.executable, "-m", "dvc"]
    lock = folder / "dvc.lock"
    lock.write_text("stages: {}\n", encoding="utf-8")
    _run("git", "init", "-q")
    _run(*dvc, "init", "-q")
    _run("git", "add", "-A")
    _run("git", "commit", "-q", "-m", "one")
    for name in ("first", "second"):
        lock.write_text(f"stages: {{{name}: {{}}}}\n", encoding="utf-8")
        _run(*dvc, "exp", "save", "-q", "-n", name)
        assert origin_tags({})["dvc.exp_name"] == name
    lock.write_text("stages: {first: {}}\n", encoding="utf-8")
    assert origin_tags({})["dvc.exp_name"] == "first"
    lock.write_text("stages: {third: {}}\n", encoding="utf-8")
    assert "dvc.exp_name" not in origin_tags({})
