import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from mlflow import MlflowClient

from tests.pipeline.conftest import QUIET, Clone

SWEEP = (sys.executable, "-m", "sweep")


def _rows(told: str) -> list[list[str]]:
    lines = [line for line in told.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _experiments(clone: Clone) -> list[str]:
    return clone.dvc("exp", "list", "--name-only").split()


def test_a_sweep_says_what_failed_shows_the_rest_and_tries_only_that_again(copy: Clone) -> None:
    mine = "correct.symspell.min_length=3", "recognize.checkpoint=models/embedded,models/gone"
    told = copy.run(*SWEEP, *mine, check=False)
    assert "2 points: 0 have a result, 0 were queued, 2 are new" in told
    head, _, best = _rows(told)
    assert head[1:4] == ["correct.symspell.min_length", "recognize.checkpoint", "essay_cer"]
    name = best[0]
    assert best[1:3] == ["3", "models/embedded"]
    assert re.fullmatch(r"0\.\d{4} \(0\.\d{4}–0\.\d{4}\)", best[3])
    assert f"dvc exp apply {name}" in told
    assert "recognize: models/gone: no such checkpoint folder" in told
    assert _experiments(copy) == [name]

    with (copy.root / "sweeps/grid.csv").open(encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    copy.dvc("exp", "apply", name)
    scores = json.loads((copy.root / "metrics/scores.json").read_text(encoding="utf-8"))
    assert float(row["essay_cer"]) == scores["essay_cer"]
    assert float(row["essay_cer_high"]) == scores["essay_cer_high"]
    assert ">3, models/embedded<" in (copy.root / "sweeps/grid.svg").read_text(encoding="utf-8")
    copy.run("git", "checkout", "-q", ".")
    assert "sweeps" not in copy.run("git", "status", "--porcelain")

    client = MlflowClient(f"sqlite:///{copy.root}/mlflow.db")
    [group] = client.search_experiments(filter_string="name = 'handwriting'")
    [run] = client.search_runs([group.experiment_id], f"tags.`dvc.exp_name` = '{name}'")
    assert client.get_run(run.data.tags["mlflow.parentRunId"]).info.run_name == "grid"

    again = copy.run(*SWEEP, *mine, check=False)
    assert "2 points: 1 have a result, 0 were queued, 1 are new" in again
    assert _rows(again)[2] == best


@pytest.mark.long
def test_an_interrupted_sweep_goes_on_and_loses_no_edit(copy: Clone) -> None:
    (copy.root / "README.md").write_text("mine\n", encoding="utf-8")
    mine = [*SWEEP, "correct.symspell.min_length=3,8", "--metric", "essay_wer"]
    with subprocess.Popen(
        mine,
        cwd=copy.root,
        env={**os.environ, **QUIET},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if "1 running" in line:
                break
        process.send_signal(signal.SIGINT)
        assert "the same command goes on" in process.stderr.read()
    assert process.returncode == 130

    told = copy.run(*mine)
    assert "1 were queued, 0 are new" in told or "2 were queued, 0 are new" in told
    rows = _rows(told)
    assert rows[0][2] == "essay_wer"
    assert sorted(row[1] for row in rows[2:]) == ["3", "8"]
    assert len(_experiments(copy)) == 2
    assert (copy.root / "README.md").read_text(encoding="utf-8") == "mine\n"


def _kill_all_below(folder: Path) -> None:
    """Every process that works in a folder or below: the command, DVC's workers, stages."""
    found = True
    while found:
        found = False
        for process in psutil.process_iter():
            with suppress(psutil.Error):  # also where it has ended and is yet to be reaped
                if Path(process.cwd()).is_relative_to(folder):
                    process.kill()
                    found = True


@pytest.mark.long
def test_a_sweep_killed_with_all_its_workers_goes_on_to_the_same_scores(copy: Clone) -> None:
    mine = [*SWEEP, "recognize.num_beams=2,3"]
    with subprocess.Popen(
        mine, cwd=copy.root, env={**os.environ, **QUIET}, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if "1 running" in line:
                break
        _kill_all_below(copy.root)
    assert process.returncode == -signal.SIGKILL
    assert not _experiments(copy)

    told = copy.run(*mine)
    assert "2 points: 0 have a result" in told
    killed = {row[1]: row[2:4] for row in _rows(told)[2:]}
    assert killed.keys() == {"2", "3"}

    for kept in (".cache", ".dvc/cache/runs"):
        shutil.rmtree(copy.root / kept)
    for name in _experiments(copy):
        copy.dvc("exp", "remove", name)
    again = copy.run(*mine)
    assert "2 points: 0 have a result, 0 were queued, 2 are new" in again
    assert {row[1]: row[2:4] for row in _rows(again)[2:]} == killed


def test_nothing_is_queued_where_one_point_is_wrong(copy: Clone) -> None:
    told = copy.run(*SWEEP, "recognize.num_beams=4,0", check=False)
    assert told == (
        "sweep: recognize.num_beams=0: recognize.num_beams=0: "
        "input should be greater than or equal to 1\n"
    )
    assert "No experiment tasks" in copy.dvc("queue", "status")


def test_a_preset_is_no_setting(copy: Clone) -> None:
    preset = copy.root / "conf/sweep/correctors.yaml"
    preset.write_text("grid: {correct: [none]}\n", encoding="utf-8")
    assert "up to date" in copy.dvc("status", "params")
