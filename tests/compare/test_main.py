import subprocess
import sys
from pathlib import Path

import pytest

from compare.pairs import compare
from compare.report import render
from tests.compare.conftest import FIRST, LENGTH, WORSE
from tests.compare.tables import make_table

ROOT = Path(__file__).parents[2]


def _told(project: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compare", *names],
        cwd=project,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_revisions_at_the_command_line(project: Path) -> None:
    told = _told(project, "HEAD", "trial")
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    assert lines[:4] == [
        "A  HEAD",
        "B  trial",
        "8 pages scored in both",
        "few pages: intervals over fewer than 12 are too narrow",
    ]
    cer = next(line for line in lines if line.startswith("CER corrected"))
    # BETTER has 264 edits in 8 x 500 characters, WORSE 508.
    assert cer.split()[2:5] == ["6.60", "12.70", "+6.10"]
    assert cer.endswith("worse")


@pytest.mark.parametrize("names", [("nonsense", "HEAD"), ("HEAD", "empty"), ("", "HEAD")])
def test_an_error_is_one_line(project: Path, names: tuple[str, str]) -> None:
    told = _told(project, *names)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("compare: ")
    assert len(told.stderr.splitlines()) == 1


def test_columns_stand_under_their_heads() -> None:
    lines = render(compare(make_table("a", FIRST), make_table("b", WORSE))).splitlines()
    head = next(line for line in lines if line.startswith("essay"))
    rows = [line for line in lines if line[:3] in ("CER", "WER")]
    assert len(rows) == 8
    for row in rows:
        assert row.index("worse") == head.index("B is")
        cells = row[22:].split()
        for name, cell in zip(("A %", "B %", "B - A"), cells, strict=False):
            assert row[: head.index(name) + len(name)].endswith(f" {cell}")


def test_what_to_be_careful_about_is_said() -> None:
    none = "no verdict where fewer than 6 pages changed"
    few = {page: FIRST[page] for page in list(FIRST)[:1]}
    told = render(compare(make_table("a", few), make_table("b", {**few, "new": (1, LENGTH)})))
    assert "1 page scored in both\nleft out: new, not there in a\nfew pages" in told
    assert none in told
    row = next(line for line in told.splitlines() if line.startswith("CER corrected"))
    assert row.split()[2:] == ["8.00", "8.00", "0.00", "-", "0", "1.0000", "cannot", "tell"]
    assert told.endswith("no page's CER after correction moved")
    many = {f"p{number:02}": (number, LENGTH) for number in range(12)}
    assert "few" not in render(compare(make_table("a", many), make_table("b", many)))
    one = render(compare(make_table("a", many), make_table("b", {**many, "p03": (9, LENGTH)})))
    assert none in one and "few pages" not in one


def test_scores_that_are_older_than_what_lies_there_are_warned_of(project: Path) -> None:
    (project / "dvc.yaml").write_text(
        "stages: {score: {cmd: touch a, deps: [metrics/pages.csv], outs: [a]}}", encoding="utf-8"
    )
    told = _told(project, "HEAD", "workspace")
    warning = "compare: warning: workspace: metrics/ is out of step with "
    assert told.stderr.startswith(warning)
    assert told.stderr.endswith("; run `dvc repro` first\n")
    assert len(told.stderr.splitlines()) == 1
    assert told.stdout.startswith("A  HEAD\nB  workspace\n")
    assert _told(project, "HEAD", "trial").stderr == ""
