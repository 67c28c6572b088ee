import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.million import (
    FOLDERS,
    KNOWN,
    MEASURED,
    Cost,
    Measured,
    processor_seconds,
    put_copies,
    rest,
    slope,
    stage_table,
)
from stages.runner import read_record

NAMES = ["params", *FOLDERS]
PAGE = Cost(
    seconds=dict.fromkeys(NAMES, 3.6) | {KNOWN: 0.36},
    bytes=dict.fromkeys(FOLDERS, 1000.0) | {"pages": 4000.0, "store": 2000.0},
    files=dict.fromkeys(FOLDERS, 2.0),
    crops=9.0,
)
MILLION = Measured(page=PAGE, dvc_file={"add": 0.003, "status": 0.0003, "push": 0.0006})


def test_a_million_pages_are_a_million_times_one() -> None:
    lines = stage_table(PAGE, 1_000_000).splitlines()
    assert lines[2:] == [
        "| params | 1,000 | 0 | 0.0 |",
        *(f"| {name} | 1,000 | 1 | 2.0 |" for name in FOLDERS),
        "| all | 7,000 | 6 | 12.0 |",
    ]
    told = rest(MILLION, 1_000_000, 500)
    assert "The scans: 4 GB" in told
    assert "result store: 2 GB" in told
    assert "another 6 GB" in told
    assert "10.0 hours to hash" in told
    assert "1.0 to find nothing changed, 2.0 to push" in told
    assert "driver when crops are read elsewhere: 100 hours" in told
    assert "9.0 million crops" in told
    assert "2,500 / L hours: 5.0 at 500." in told
    assert "2,500 / L hours." in rest(MILLION, 1_000_000, None)


def test_what_a_start_costs_is_in_no_slope() -> None:
    assert slope({"a": 7.0, "b": 5.0}, {"a": 9.0, "b": 4.9}, 4) == {"a": 0.5, "b": 0.0}


def test_processor_time_is_that_of_all_processes_started(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < 0.5: pass"
    twice = (
        f"import subprocess, sys\nfor _ in '12': subprocess.run([sys.executable, '-c', {spin!r}])"
    )
    asleep = processor_seconds([sys.executable, "-c", "import time; time.sleep(0.5)"], tmp_path)
    assert asleep < 0.5
    assert processor_seconds([sys.executable, "-c", twice], tmp_path) >= 1.0


def test_copies_are_pages_that_nothing_is_known_of(tmp_path: Path) -> None:
    put_copies(tmp_path, 9)
    pages = sorted((tmp_path / "data/pages").iterdir())
    typed = sorted((tmp_path / "data/transcriptions").iterdir())
    assert [page.stem for page in pages] == [path.stem for path in typed]
    assert len({page.read_bytes() for page in pages}) == len(pages) == 9
    first, last = (np.asarray(Image.open(page)).astype(int) for page in (pages[0], pages[-1]))
    assert set(np.unique(first - last)) == {0, 1}


@pytest.mark.parametrize("pages", [1, 400])
def test_what_was_measured_is_whole(pages: int) -> None:
    measured = read_record(MEASURED, Measured)
    assert set(measured.page.seconds) == {*NAMES, KNOWN}
    assert all(value > 0 for name, value in measured.page.seconds.items() if name != "params")
    assert stage_table(measured.page, pages).count("\n") == 8
    assert "GB" in rest(measured, pages, None)
