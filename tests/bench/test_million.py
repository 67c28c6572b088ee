import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bench.million import (
    FOLDERS,
    MEASURED,
    TIMED,
    Measured,
    entry_sizes,
    key_seconds,
    measure_dvc,
    processor_seconds,
    rest,
    slope,
    stage_table,
)
from bench.pages import Result
from stages.pages.stored import read_record
from stages.store.__main__ import OVERHEAD
from stages.store.results import Store
from tests.recognize.drawing import draw_line

MILLION = Measured(
    bytes=dict.fromkeys(FOLDERS, 1000.0) | {"pages": 4000.0, "store": 2000.0},
    files=dict.fromkeys(FOLDERS, 2.0),
    crops=9.0,
    key_s=0.04,
    dvc_file_s={"add": 0.003, "status": 0.0003, "push": 0.0006},
)
RUN = Result(
    overrides=[],
    pages=10,
    quiet=True,
    seconds=dict.fromkeys(["params", *FOLDERS], 36.0),
    scores={},
)


def test_a_million_pages_are_a_million_times_one() -> None:
    assert stage_table(MILLION, RUN, 1_000_000).splitlines()[2:] == [
        "| params | 1,000 | 0 | 0.0 |",
        *(f"| {name} | 1,000 | 1 | 2.0 |" for name in FOLDERS),
        "| all | 7,000 | 6 | 12.0 |",
    ]
    told = rest(MILLION, 1_000_000, 500)
    assert "The scans: 4 GB" in told
    assert "result store: 2 GB. DVC's cache: 6 GB" in told
    assert "10.0 hours to hash and keep them, 1.0 to find nothing changed, 2.0 to push" in told
    assert "9.0 million crops" in told
    assert "gives out the work: 100 hours" in told
    assert "2,500 / L hours: 5.0 at 500." in told
    assert "2,500 / L hours." in rest(MILLION, 1_000_000, None)


def test_what_a_start_costs_is_in_no_slope() -> None:
    assert slope({"a": 7.0, "b": 5.0}, {"a": 9.0, "b": 4.9}, 4) == {"a": 0.5, "b": 0.0}


def test_processor_time_is_that_of_all_processes_started(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    start = f"subprocess.run([sys.executable, '-c', {spin!r}])"
    twice = f"import subprocess, sys\nfor _ in '12': {start}"
    assert processor_seconds([sys.executable, "-c", twice], tmp_path) >= 0.6
    asleep = processor_seconds([sys.executable, "-c", "import time; time.sleep(0.6)"], tmp_path)
    assert asleep < 0.6


def test_the_stores_entries_are_sized_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with closing(Store(path)) as store:
        store.put("few", {"1": "a"})
        store.put("many", {str(n): "b" * 1000 for n in range(2, 9)})
    with closing(sqlite3.connect(path)) as database:
        ((few,),) = database.execute("SELECT LENGTH(value) FROM results WHERE kind = 'few'")
    sizes = entry_sizes(path)
    assert set(sizes) == {"few", "many"}
    assert sizes["few"] == few + OVERHEAD


def test_dvc_and_keys_take_time(tmp_path: Path) -> None:
    took = measure_dvc(3, 10)
    assert set(took) == {"add", "status", "push"}
    assert all(seconds > 0 for seconds in took.values())
    draw_line("word").save(tmp_path / "word.png")
    assert 0 < key_seconds([tmp_path / "word.png"] * 20) < 1


@pytest.mark.parametrize("pages", [1, 1_000_000])
def test_what_is_kept_is_whole(pages: int) -> None:
    measured, timed = read_record(MEASURED, Measured), read_record(TIMED, Result)
    assert all(value > 0 for value in measured.dvc_file_s.values())
    assert stage_table(measured, timed, pages).count("\n") == 2 + len(FOLDERS) + 1
    assert "GB" in rest(measured, pages, None)
