from pathlib import Path

import pytest

from sweep.table import csv_text, ranked, read_seconds, table
from tests.sweep.results import result

RESULTS = [
    result("unscored", None, 3.0, beams="1"),
    result("worse", 0.05, None, beams="2"),
    result("better", 0.04, 12.4, beams="4"),
]


def test_the_lowest_rate_comes_first_and_what_has_none_last() -> None:
    assert [found.name for found in ranked(RESULTS, "essay_cer")] == ["better", "worse", "unscored"]
    perfect = result("perfect", 0.0)
    assert ranked([*RESULTS, perfect], "essay_cer")[0] is perfect


def test_the_table_has_settings_rates_with_intervals_and_seconds() -> None:
    lines = table(ranked(RESULTS, "essay_cer"), "essay_cer").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert rows[0] == ["experiment", "beams", "essay_cer", "essay_wer", "lines", "seconds"]
    assert rows[2] == ["better", "4", "0.0400 (0.0300–0.0500)", "–", "–", "12"]
    assert rows[4] == ["unscored", "1", "–", "–", "–", "3"]
    assert len({len(line) for line in lines}) == 1


def test_seconds_come_back_from_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert read_seconds(path) == {}
    path.write_text(csv_text(RESULTS, "essay_cer"), encoding="utf-8")
    assert read_seconds(path) == {"unscored": 3.0, "better": 12.4}


@pytest.mark.parametrize(
    "content",
    [
        b"experiment;beams;seconds\nbetter;4;12.4\n",
        b"experiment,beams,seconds\nbetter,\xfc,12.4\n",
        b"experiment,beams,seconds\nbetter,4,12 s\n",
    ],
)
def test_a_csv_that_was_changed_costs_a_warning(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    known = read_seconds(path)
    told = capsys.readouterr().err
    assert known == {} and told.startswith(f"sweep: warning: {path}: not as a sweep wrote it")
    assert told.count("\n") == 1
