import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cached import put_in_cache
from tests.recognize.drawing import WORDS
from tests.recognize.runs import Server, entries, outputs

SETTINGS = ("recognize=embedded", "recognize.batch_size=2")
KILLS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.close()


def noted(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def test_killed_runs_lose_no_result_and_change_no_byte(project: Path, server: Server) -> None:
    apart, log, store = project / "apart", project / "log", project / "store.sqlite"
    told = server.start(project, apart, "off", *SETTINGS).finish()
    assert f"recognize: {len(WORDS)} crops, {len(WORDS)} to read" in told
    assert sorted(noted(apart)) == sorted(set(noted(apart)))
    expected = outputs(project)
    assert set(expected) == {"one.json", "two.json", "rejected.jsonl"}

    done: dict[str, bytes] = {}
    for _ in range(KILLS):
        run = server.start(project, log, str(store), *SETTINGS)
        begun = len(noted(log))
        for _ in range(10_000):
            if len(noted(log)) > begun or len(done) == len(WORDS):
                break
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.3))
        run.kill()
        assert done.items() <= entries(store).items()
        done = entries(store)
    told = server.start(project, log, str(store), *SETTINGS).finish()
    assert f"recognize: {len(WORDS)} crops, {len(WORDS) - len(done)} to read" in told
    assert outputs(project) == expected
    assert set(noted(log)) == set(noted(apart))
    assert len(noted(log)) <= len(WORDS) + 2 * KILLS  # a kill costs the batch in work, no more
    assert len(entries(store)) == len(WORDS)
    assert done.items() <= entries(store).items()

    began = len(noted(log))
    assert "0 to read" in server.start(project, log, str(store), *SETTINGS).finish()
    assert len(noted(log)) == began
    assert outputs(project) == expected


def test_two_runs_at_once_share_the_work(project: Path, server: Server) -> None:
    other, store = project.with_name("other"), project / "store.sqlite"
    shutil.copytree(project, other, symlinks=True)
    places = (project, other)
    runs = [server.start(place, place / "log", str(store), *SETTINGS) for place in places]
    for run in runs:
        run.finish()
    read = [crop for place in places for crop in noted(place / "log")]
    assert len(read) == len(set(read)) == len(entries(store)) == len(WORDS)
    assert outputs(project) == outputs(other)


def test_corrupt_entries_are_read_again(project: Path, server: Server) -> None:
    store, log = project / "store.sqlite", project / "log"
    server.start(project, log, str(store), *SETTINGS).finish()
    expected, whole = outputs(project), entries(store)
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("UPDATE results SET value = x'00' WHERE rowid IN (2, 5)")
    told = server.start(project, log, str(store), *SETTINGS).finish()
    assert told.count("computed again") == 1
    assert f"recognize: {len(WORDS)} crops, 2 to read" in told
    assert outputs(project) == expected
    assert entries(store) == whole


def test_a_setting_of_no_consequence_reads_nothing_again(project: Path, server: Server) -> None:
    store, log = str(project / "store.sqlite"), project / "log"
    server.start(project, log, store, *SETTINGS).finish()
    for changed, count in (("selector=longest", 0), ("batch_size=64", 0), ("num_beams=2", 9)):
        told = server.start(project, log, store, *SETTINGS, f"recognize.{changed}").finish()
        assert f"recognize: {len(WORDS)} crops, {count} to read" in told


def test_another_threshold_that_finds_the_same_lines_has_the_same_pages(
    project: Path, server: Server
) -> None:
    store, log = str(project / "store.sqlite"), project / "log"
    server.start(project, log, store, *SETTINGS).finish()
    written = outputs(project)
    put_in_cache(project, project / "data/raw")
    for path in (project / "data/lines").glob("*/lines.json"):
        text = path.read_text().replace("drawn@0.5", "drawn@0.4")
        path.write_text(text.replace('"threshold": 0.5', '"threshold": 0.4'))
    told = server.start(project, log, store, *SETTINGS).finish()
    assert "recognize: 0 crops, 0 to read" in told
    assert outputs(project) == written
