"""Room for DVC's copies; `tests/pipeline/test_faults.py` has the disk that is really full."""

import hashlib
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.running import room
from stages.running.room import cached_files, require_room

PIPELINE = """
stages:
  evaluate:
    metrics: [{metrics/scores.json: {cache: false}}]
    plots: [metrics/lines.csv: {template: curve}, metrics/overlays]
    outs: [metrics/report.html, metrics/none.json]
  params:
    outs: [params.yaml: {cache: false, persist: true}]
"""
MORE_THAN_ANY_DISK = 1 << 60


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "metrics/overlays/a").mkdir(parents=True)
    for name in ("scores.json", "lines.csv", "report.html", "overlays/a/b.jpg"):
        (tmp_path / "metrics" / name).write_text(name)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("DVC_SYSTEM_CONFIG_DIR", str(tmp_path / "none"))
    return tmp_path


def test_dvc_copies_outs_and_plots_but_not_what_git_keeps() -> None:
    copied = {path.as_posix() for path in cached_files("evaluate")}
    assert copied == {"metrics/lines.csv", "metrics/report.html", "metrics/overlays/a/b.jpg"}


def test_a_disk_with_room_is_no_matter() -> None:
    require_room("evaluate")


def test_without_room_the_cache_and_the_cure_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SPARE", MORE_THAN_ANY_DISK)
    with pytest.raises(UserError, match=r"no room for DVC's copy of .* kB left; free some") as told:
        require_room("evaluate")
    assert str(told.value).startswith(f"{project / '.dvc/cache/files/md5'}: ")
    require_room("params")


def test_what_the_cache_has_needs_no_room(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SPARE", MORE_THAN_ANY_DISK)
    for path in cached_files("evaluate"):
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        kept = project / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(path.read_bytes())
    require_room("evaluate")
    (project / "metrics/report.html").write_text("another")
    with pytest.raises(UserError, match="no room for DVC's copy"):
        require_room("evaluate")
