import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from stages.evaluate.plots import write_table
from stages.evaluate.tracking.__main__ import changed_since

STAGE = {
    "cmd": "true",
    "deps": ["data/dataset"],
    "metrics": [{"metrics/scores.json": {"cache": False}}],
}


def _log() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stages.evaluate.tracking"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _write_metrics(root: Path) -> None:
    (root / "metrics").mkdir()
    for name in ("scores.json", "details.json"):
        (root / "metrics" / name).write_text('{"pages_done": 2}', encoding="utf-8")
    write_table(root / "metrics/pages.csv", ["page"], [])
    (root / "metrics/report.html").touch()


def _dvc(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True, capture_output=True)


def test_what_is_in_metrics_is_logged_without_evaluating(
    workplace: Path, empty_store: Path
) -> None:
    shutil.copy(empty_store, workplace)
    _write_metrics(workplace)
    done = _log()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"logged to MLflow at sqlite:///{workplace}/mlflow.db: run ")
    run = MlflowClient(f"sqlite:///{workplace}/mlflow.db").get_run(done.stdout.split()[-1])
    assert run.data.metrics == {"pages_done": 2}


@pytest.mark.parametrize("gone", ["details.json", "pages.csv", "report.html"])
def test_without_metrics_there_is_nothing_to_log(workplace: Path, gone: str) -> None:
    _write_metrics(workplace)
    (workplace / "metrics" / gone).unlink()
    done = _log()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"tracking: metrics/{gone}: not there yet; run `dvc repro` to make it\n"


def test_metrics_out_of_step_are_not_logged(workplace: Path) -> None:
    _write_metrics(workplace)
    assert changed_since() == ""
    _dvc("init", "--no-scm")
    stages = {"stages": {"evaluate": STAGE}}
    (workplace / "dvc.yaml").write_text(yaml.safe_dump(stages), encoding="utf-8")
    _dvc("commit", "--force")
    assert changed_since() == ""
    dataset = workplace / "data/dataset/dataset.jsonl"
    before = dataset.read_text(encoding="utf-8")
    dataset.write_text("", encoding="utf-8")
    done = _log()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "tracking: metrics/ is out of step with data/dataset; run `dvc repro` first\n"
    )
    assert not (workplace / "mlflow.db").exists()
    dataset.write_text(before, encoding="utf-8")
    (workplace / "metrics/scores.json").write_text("{}", encoding="utf-8")
    assert changed_since() == "metrics/scores.json"


def test_a_store_that_fails_is_one_line(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_metrics(workplace)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")
    done = _log()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("tracking: not logged to MLflow at http://127.0.0.1:9 (Conn")
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr
