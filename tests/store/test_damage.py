"""Stores that are damaged, of another version, or cannot be written."""

import os
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stages.store import database, results
from stages.store.results import Store
from tests.store.stores import count, finish, key, noise, start


@pytest.mark.parametrize("column", ["value", "checksum", "swapped"])
def test_a_corrupt_entry_is_told_once_computed_again_and_mended(
    opened: Callable[[], Store], path: Path, column: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened().put("test", {key(number): f"value {number}" for number in range(3)})
    change = {
        "value": "UPDATE results SET value = substr(value, 2) WHERE key = ?",
        "checksum": "UPDATE results SET checksum = x'00' WHERE key = ?",
        "swapped": f"UPDATE results SET (value, checksum) = (SELECT value, checksum FROM results"
        f" WHERE key = '{key(2)}') WHERE key = ?",
    }[column]
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute(change, [key(1)]).rowcount == 1
    store = opened()
    for _ in range(2):
        assert store.once("test", key(1), lambda: "value 1") == "value 1"
    assert store.get([key(0), key(1), key(2)]) == {key(n): f"value {n}" for n in range(3)}
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "corrupt" in told
    assert opened().get([key(1)]) == {key(1): "value 1"}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ["no database", "cut off", "pages overwritten"])
def test_a_corrupt_file_is_set_aside_and_a_new_one_begun(
    opened: Callable[[], Store], path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = opened()
    store.put("test", {key(number): noise(number) for number in range(100)})
    store.close()
    content = path.read_bytes()
    damaged = {
        "no database": b"no database at all" * 1000,
        "cut off": content[: len(content) // 3],
        "pages overwritten": content[:4096] + bytes(255 for _ in content[4096:]),
    }[damage]
    path.write_bytes(damaged)
    store = opened()
    store.get(key(number) for number in range(100))
    store.put("test", {key("new"): 1})
    assert opened().get([key("new")]) == {key("new"): 1}
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "store.sqlite.corrupt-1" in told
    assert path.with_name("store.sqlite.corrupt-1").read_bytes()[4096:5000] == damaged[4096:5000]
    assert count(path) == 1


def test_a_run_goes_on_when_its_file_breaks_under_it(
    opened: Callable[[], Store], path: Path
) -> None:
    opened().put("test", {key(number): noise(number) for number in range(100)})
    store = opened()
    path.write_bytes(b"broken" * 50_000)
    values = {key(number): number for number in range(100)}
    store.put("test", {name: values[name] for name in store.missing(values)})
    assert set(store.get(values)) == set(values)


KEEP = (
    "values = {key(n): noise(n) for n in range(60)}\n"
    "for name in values: store.put('test', {name: values[name]})\n"
    "assert store.get(values) == values"
)


def test_a_full_disk_costs_no_run(path: Path, opened: Callable[[], Store]) -> None:
    limit = 100_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    said, warned = finish(start(KEEP, path, preexec_fn=small_disk))
    assert said == ""
    assert warned.startswith(f"store: warning: {path}: results wait in memory until")
    assert warned.count("\n") == 1
    kept = opened().get(key(n) for n in range(60))
    assert 0 < len(kept) < 60
    assert kept == {key(n): noise(n) for n in range(len(kept))}
    opened().put("test", {key(n): noise(n) for n in range(60)})
    assert count(path) == 60


def test_an_entry_that_another_process_mends_meanwhile_stays(
    opened: Callable[[], Store], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().put("test", {key(0): "right"})
    with closing(sqlite3.connect(path)) as other, other:
        [right] = other.execute("SELECT value FROM results").fetchone()
        other.execute("UPDATE results SET value = x'00'")
    store = opened()
    write = store._write

    def late(statement: str, rows: list[tuple[object, ...]]) -> bool:
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE results SET value = ?", [right])
        return write(statement, rows)

    monkeypatch.setattr(store, "_write", late)
    assert store.get([key(0)]) == {}
    assert opened().get([key(0)]) == {key(0): "right"}


@pytest.mark.parametrize("ends", ["with the next result", "when the run does"])
def test_what_a_busy_minute_kept_from_the_file_is_written_after_it(
    path: Path,
    opened: Callable[[], Store],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ends: str,
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.01)
    monkeypatch.setattr(results, "PAUSE_S", 0.0 if ends == "with the next result" else 60.0)
    store = opened()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(3):
            store.put("test", {key(number): number})
        assert store.get(map(key, range(3))) == {key(n): n for n in range(3)}
        assert count(path) == 0
        other.execute("COMMIT")
    store.put("test", {key(3): 3})
    assert count(path) == (4 if ends == "with the next result" else 0)
    store.close()
    assert opened().get(map(key, range(4))) == {key(n): n for n in range(4)}
    assert capsys.readouterr().err.count("until it can be written") == 1


@pytest.mark.parametrize("before", ["nothing", "a store"])
def test_a_read_only_folder_costs_no_run(path: Path, before: str) -> None:
    path.parent.mkdir()
    if before == "a store":
        with closing(Store(path)) as store:
            store.put("test", {key(0): "kept before"})
    was = {entry: entry.read_bytes() for entry in path.parent.iterdir()}
    for entry in was:
        entry.chmod(0o444)
    path.parent.chmod(0o555)
    # root may write everywhere until it gives this up
    plain = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
    try:
        said, warned = finish(start(KEEP, path, before=plain if os.geteuid() == 0 else ()))
        assert {entry: entry.read_bytes() for entry in path.parent.iterdir()} == was
    finally:
        path.parent.chmod(0o755)
    assert said == ""
    assert warned.startswith(f"store: warning: {path}: results are neither read nor kept (")
    assert warned.count("\n") == 1


@pytest.mark.parametrize("made", ["numbered", "without a column"])
def test_an_older_versions_file_is_set_aside(
    opened: Callable[[], Store], path: Path, made: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        if made == "numbered":
            database.execute("CREATE TABLE results (key, kind, value, checksum, made, used)")
            database.execute("PRAGMA user_version = -1")
        else:
            database.execute("CREATE TABLE results (key TEXT PRIMARY KEY, value BLOB)")
    for _ in range(2):
        opened().put("test", {key(1): 7})
        assert opened().get([key(1)]) == {key(1): 7}
    told = capsys.readouterr().err
    assert told == (
        f"store: warning: {path} was made by an older version of this project: it is "
        "store.sqlite.old-1 now, and a new one is begun\n"
    )
    assert count(path) == 1


def test_a_file_from_before_versions_were_numbered_is_used(
    opened: Callable[[], Store], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened().put("test", {key(1): 7})
    opened().close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 0")
    assert opened().get([key(1)]) == {key(1): 7}
    assert capsys.readouterr().err == ""


def test_a_newer_versions_file_is_left_as_it_is(
    opened: Callable[[], Store], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened().put("test", {key(1): 7})
    opened().close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    was = path.read_bytes()
    store = opened()
    store.put("test", {key(2): 8})
    assert store.get([key(1), key(2)]) == {key(2): 8}
    told = capsys.readouterr().err
    assert told == (
        f"store: warning: {path}: results are neither read nor kept (a newer version of this"
        " project made it; name another file by RESULT_STORE)\n"
    )
    assert path.read_bytes() == was
