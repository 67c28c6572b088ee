import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.store.results import Store, store_path
from tests.store.stores import ROOT, count, finish, key, noise, start

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


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
