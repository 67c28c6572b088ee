import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.store.results import Store, store_path

ROOT = Path(__file__).parents[2]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def key(name: object) -> str:
    return sha256(str(name).encode()).hexdigest()


def noise(number: int, size: int = 3000) -> str:
    """Text that no compression makes small."""
    return Random(number).randbytes(size).hex()


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(database.execute("SELECT COUNT(*) FROM results").fetchone()[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "store.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Store]]:
    stores: list[Store] = []

    def again() -> Store:
        for store in stores:
            store.close()
        stores.append(Store(path))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


def start(code: str, *arguments: object, before: tuple[str, ...] = (), **options: Any) -> Any:
    """A process that runs the code, with `store`, `key`, `noise` and `say` at hand."""
    beginning = (
        "import sys, time; from pathlib import Path; from stages.store.results import Store;"
        "from tests.store.test_results import key, noise; store = Store(Path(sys.argv[1]));"
        "say = lambda text: print(text, flush=True)\n"
    )
    return subprocess.Popen(
        [*before, sys.executable, "-c", beginning + code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    said, warned = process.communicate(timeout=60)
    assert process.returncode == 0, warned
    return said, warned


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.text().map(key), VALUES, max_size=5))
def test_values_come_back_as_they_were(values: dict[str, Any]) -> None:
    store = Store(None)
    store.put("test", values)
    assert json.dumps(store.get(values)) == json.dumps(values)
    assert store.missing([key("never put"), *values]) == [key("never put")]


def test_values_outlive_the_process_and_the_first_one_stays(
    opened: Callable[[], Store], path: Path
) -> None:
    opened().put("test", {key(1): "first", key(2): -0.0})
    opened().put("test", {key(1): "second"})
    found = opened().get([key(1), key(2), key(3)])
    assert json.dumps(found) == json.dumps({key(1): "first", key(2): -0.0})
    assert count(path) == 2


def test_more_keys_than_sqlite_takes_at_once(opened: Callable[[], Store]) -> None:
    values = {key(number): number for number in range(2500)}
    opened().put("test", values)
    assert opened().get(values) == values


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


def test_processes_write_at_once(path: Path) -> None:
    code = (
        "for n in range(150):\n"
        "    store.put('test', {key((sys.argv[2], n)): noise(n, 500), key(n): n})"
    )
    processes = [start(code, path, name) for name in "abc"]
    assert [finish(process) for process in processes] == [("", "")] * 3
    assert count(path) == 3 * 150 + 150


def test_what_one_process_computes_another_waits_for(path: Path) -> None:
    code = (
        "def compute():\n"
        "    say('computed'); time.sleep(0.3); return 7\n"
        "assert [store.once('test', key(n), compute) for n in range(3)] == [7, 7, 7]"
    )
    processes = [start(code, path) for _ in range(2)]
    assert "".join(finish(process)[0] for process in processes) == "computed\n" * 3


def test_a_claim_ends_with_its_process(path: Path, opened: Callable[[], Store]) -> None:
    code = (
        "with store.claimed([key(1), key(2)], limit=2) as mine:\n    say(len(mine)); time.sleep(60)"
    )
    holder = start(code, path)
    assert holder.stdout.readline() == "2\n"
    store = opened()
    wanted = [key(number) for number in range(5)]
    store.put("test", {key(0): 0})
    with store.claimed(wanted, limit=2) as claims:
        assert claims == [key(3), key(4)]
    holder.send_signal(signal.SIGKILL)
    with store.claimed(wanted, limit=1, wait=True) as claims:
        assert claims == [key(1)]
    holder.communicate()


def test_a_process_killed_while_it_writes_leaves_whole_entries(path: Path) -> None:
    code = "for n in range(10**6):\n    store.put('test', {key(n): noise(n)}); say(n)"
    lasting = 0
    for kill in range(4):
        writer = start(code.replace("range(", f"range({lasting}, "), path)
        for _ in range(5 + 7 * kill):
            said = writer.stdout.readline()
        writer.kill()
        said = (writer.stdout.read().splitlines() or [said])[-1]
        writer.communicate()
        lasting = int(said) + 1
        with closing(Store(path)) as store:
            assert store.get([key(n) for n in range(lasting)]) == {
                key(n): noise(n) for n in range(lasting)
            }
    assert count(path) in (lasting, lasting + 1)


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
    assert warned.startswith(f"store: warning: {path}: results are not kept (")
    assert warned.count("\n") == 1
    kept = opened().get(key(n) for n in range(60))
    assert 0 < len(kept) < 60
    assert kept == {key(n): noise(n) for n in range(len(kept))}
    opened().put("test", {key(n): noise(n) for n in range(60)})
    assert count(path) == 60


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
    assert warned.startswith(f"store: warning: {path}: results are not kept (")
    assert warned.count("\n") == 1


def test_where_the_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert store_path({}) == tmp_path / ".cache/store.sqlite"
    queued = tmp_path / ".dvc/tmp/exps/tmpab12"
    queued.mkdir(parents=True)
    assert store_path({"DVC_ROOT": str(queued)}) == tmp_path / ".cache/store.sqlite"
    assert store_path({"DVC_ROOT": str(tmp_path)}) == tmp_path / ".cache/store.sqlite"
    assert store_path({"RESULT_STORE": str(tmp_path / "x")}) == tmp_path / "x"
    assert store_path({"RESULT_STORE": "off"}) is None


def test_the_place_is_ignored_by_git() -> None:
    told = subprocess.run(
        ["git", "check-ignore", ".cache/store.sqlite"], cwd=ROOT, capture_output=True, check=False
    )
    assert told.returncode == 0


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
        f"store: warning: {path}: results are not kept (a newer version of this project made it;"
        " name another file by RESULT_STORE)\n"
    )
    assert path.read_bytes() == was


def test_a_use_is_noted_whatever_the_clock_said_before(
    opened: Callable[[], Store], path: Path
) -> None:
    opened().put("test", {key(1): 7})
    now = int(time.time())
    for shift in (-7200, 7200):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE results SET used = ?", [now + shift])
        opened().get([key(1)])
        with closing(sqlite3.connect(path)) as database:
            [used] = database.execute("SELECT used FROM results").fetchone()
        assert abs(used - now) < 600
