import pytest

from bench.growth import Run, Stage, added_share, table


def _run(what: str, pages: int, seconds: float, **stages: float) -> Run:
    made = {
        name: Stage(seconds=took, processor_seconds=2 * took, peak_bytes=10**8)
        for name, took in stages.items()
    }
    return Run(what=what, pages=pages, seconds=seconds, stages=made)


RUNS = [
    _run("full", 8, 12, crop=6, segment=4),
    _run("full", 200, 110, crop=60, segment=40),
    _run("nothing changed", 200, 1.5),
    _run("one page added", 201, 5, crop=2, segment=0.5),
]


def test_one_page_more_is_compared_with_the_full_run_before_it() -> None:
    assert added_share(RUNS) == pytest.approx(2.5 / 110)
    assert added_share(RUNS[:2]) is None


def test_the_table_sets_dvc_s_own_seconds_apart() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table(RUNS).split("\n")
    ]
    assert rows[0] == ["run", "pages", "seconds", "a page", "DVC's own", "crop", "segment"]
    assert rows[2][:5] == ["full", "8", "12.0", "1.50", "2.0"]
    assert rows[4] == ["nothing changed", "200", "1.5", "0.01", "1.5", "–", "–"]
    assert rows[5][5] == "2.0 s (4.0), 100 MB"
