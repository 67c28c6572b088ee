import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stages.errors import UserError
from stages.store.__main__ import drop_above
from stages.store.database import connect
from stages.store.results import Store
from tests.store.test_results import key, noise

ROOT = Path(__file__).parents[2]
ENTRY = 3000  # bytes of each result here, about
DAY = 86_400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of 100 results; number n was last used n days ago."""
    path = tmp_path / "store.sqlite"
    with closing(Store(path)) as store:
        store.put("test", {key(n): noise(n, ENTRY) for n in range(100)})
    with closing(connect(path)) as database, database:
        now = int(time.time())
        for number in range(100):
            used = (now - number * DAY, key(number))
            database.execute("UPDATE results SET used = ? WHERE key = ?", used)
    return path


@pytest.fixture
def command(path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    def run(
        *arguments: str, where: str | None = None, largest_file: int | None = None
    ) -> "subprocess.CompletedProcess[str]":
        limit = resource.RLIM_INFINITY if largest_file is None else largest_file
        return subprocess.run(
            [sys.executable, "-m", "stages.store", *arguments],
            cwd=ROOT,
            env=os.environ | {"RESULT_STORE": where or str(path)},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )

    return run


def kept(path: Path) -> set[int]:
    with closing(Store(path)) as store:
        gone = store.missing(key(number) for number in range(100))
    return {number for number in range(100) if key(number) not in gone}


def test_it_shows_size_and_kinds(path: Path, command: Callable[..., Any]) -> None:
    done = command()
    first, titles, row = done.stdout.splitlines()
    assert first == f"{path}: {path.stat().st_size / 1e6:.1f} MB"
    assert titles.split()[:3] == ["kind", "entries", "MB"]
    assert row.split()[:2] == ["test", "100"]
    assert float(row.split()[2]) == pytest.approx(100 * ENTRY / 1e6, abs=0.1)
    assert kept(path) == set(range(100))


@pytest.mark.parametrize("size", [0.0002, 0.00005, 0.0])
def test_it_prunes_by_size_what_was_used_longest_ago(
    path: Path, command: Callable[..., Any], size: float
) -> None:
    done = command("--max-gb", str(size))
    assert done.returncode == 0
    left = kept(path)
    assert left == set(range(len(left)))
    assert path.stat().st_size <= max(size * 1e9, 16_384)
    assert (len(left) + 10) * 1.5 * ENTRY > size * 1e9  # no more than it had to
    before = path.stat().st_size
    assert command("--max-gb", str(size)).returncode == 0
    assert kept(path) == left
    assert path.stat().st_size == before


@pytest.mark.parametrize(("age", "days"), [("30d", 30), ("4w", 28), ("12h", 1), ("0d", 0)])
def test_it_prunes_by_age(path: Path, command: Callable[..., Any], age: str, days: int) -> None:
    before = path.stat().st_size
    assert command("--older-than", age).returncode == 0
    assert kept(path) - {days} == set(range(days))
    assert path.stat().st_size < before


def test_ages_beyond_all_times_drop_nothing(path: Path, command: Callable[..., Any]) -> None:
    assert command("--older-than", f"{10**20}d").returncode == 0
    assert kept(path) == set(range(100))


def test_a_store_that_is_being_read_shrinks_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stages.store.database.BUSY_S", 0.2)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT key FROM results LIMIT 1").fetchone()
        with (
            closing(connect(path)) as database,
            pytest.raises(UserError, match="another process is reading it"),
        ):
            drop_above(database, path, 200_000)
    left = kept(path)
    assert left == set(range(len(left)))
    with closing(connect(path)) as database:
        drop_above(database, path, 200_000)
    assert path.stat().st_size <= 200_000
    assert set() < kept(path) <= left


def test_a_disk_without_room_for_a_copy_is_one_line(
    path: Path, command: Callable[..., Any]
) -> None:
    done = command("--older-than", "98d", largest_file=path.stat().st_size)
    assert done.returncode == 1
    assert "MB of free disk" in done.stderr
    assert done.stderr.count("\n") == 1
    assert kept(path) - {98} == set(range(98))
    assert command("--older-than", "98d").returncode == 0


def test_a_use_counts(path: Path, command: Callable[..., Any]) -> None:
    with closing(Store(path)) as store:
        store.get([key(90)])
    command("--older-than", "5d")
    assert kept(path) - {5} == {0, 1, 2, 3, 4, 90}


def test_what_is_no_store_is_one_line(
    path: Path, command: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "text").write_text("no database " * 1000)
    for where, said in (
        (str(tmp_path / "none"), f"{tmp_path}/none: nothing kept yet\n"),
        (str(tmp_path / "text"), f"store: {tmp_path}/text: file is not a database; a broken store"),
        ("off", "store: RESULT_STORE=off: there is no store\n"),
    ):
        done = command(where=where)
        assert (done.stdout + done.stderr).startswith(said)
        assert (done.stdout + done.stderr).count("\n") == 1


@pytest.mark.parametrize(
    "wrong", ["--max-gb=-1", "--max-gb=much", "--max-gb=nan", "--older-than=3"]
)
def test_a_wrong_measure_says_what_is_right(
    command: Callable[..., Any], wrong: str, path: Path
) -> None:
    done = command(wrong)
    assert done.returncode == 2
    assert "give " in done.stderr
    assert kept(path) == set(range(100))
