import shutil
from pathlib import Path

import pytest

from bench.runs import mend

LOCK = Path(__file__).parents[2] / "dvc.lock"


def test_whole_files_are_left_alone(tmp_path: Path) -> None:
    shutil.copy(LOCK, tmp_path)
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    (tmp_path / ".dvc/tmp/rwlock").write_text("{}")
    assert mend(tmp_path) == []
    assert (tmp_path / "dvc.lock").read_bytes() == LOCK.read_bytes()
    assert (tmp_path / ".dvc/tmp/rwlock").read_text() == "{}"


@pytest.mark.parametrize("kept", [0, 5, 40])
def test_a_lock_cut_off_is_removed(tmp_path: Path, kept: int) -> None:
    (tmp_path / "dvc.lock").write_bytes(LOCK.read_bytes()[:kept])
    assert mend(tmp_path) == ["dvc.lock"]
    assert not (tmp_path / "dvc.lock").exists()


def test_an_empty_file_of_locks_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    (tmp_path / ".dvc/tmp/rwlock").touch()
    assert mend(tmp_path) == ["rwlock"]
    assert not (tmp_path / ".dvc/tmp/rwlock").exists()


def test_a_run_that_was_to_be_kept_is_removed(tmp_path: Path) -> None:
    runs = tmp_path / ".dvc/cache/runs"
    (runs / "ab/abc").mkdir(parents=True)
    (runs / "ab/abd").mkdir()
    (runs / "ab/abd/entry").touch()
    assert mend(tmp_path) == ["runs"]
    assert sorted(path.name for path in runs.rglob("*")) == ["ab", "abd", "entry"]
