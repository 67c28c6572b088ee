"""Runs in a real `mlflow server` over PostgreSQL, and what is left of them when it fails."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from stages.config.composition import load
from stages.evaluate.__main__ import evaluate
from stages.evaluate.tracking.attempt import Logger, track
from stages.evaluate.tracking.run import metrics_files
from tests.evaluate.tracking.servers import Server, running

BOUND_S = 15
WARNING = "evaluate: warning: not logged to MLflow at http://127.0.0.1:{port} ("


@pytest.fixture(scope="module")
def one_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(one_server: Server, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Up, and the one that the evaluation in `workplace` logs to, in an experiment of its own."""
    one_server.start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", one_server.uri)
    settings = workplace / "params.yaml"
    text = settings.read_text(encoding="utf-8")
    own = text.replace("experiment: handwriting", f"experiment: {workplace.name}")
    settings.write_text(own, encoding="utf-8")
    return one_server


def _python(module: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _runs(server: Server) -> list[Run]:
    client = MlflowClient(server.uri)
    experiment = client.get_experiment_by_name(load().evaluate.experiment)
    return list(client.search_runs([experiment.experiment_id])) if experiment else []


def _logged(server: Server, run: Run) -> dict[str, bytes]:
    folder = server.artifacts / run.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _metrics() -> dict[str, bytes]:
    return {path.relative_to("metrics").as_posix(): path.read_bytes() for path in metrics_files()}


def log() -> None:
    with closing(Logger()) as logger:
        track(load(), logger)


def _whole_metrics() -> dict[str, bytes]:
    """metrics/ as an evaluation that logs nothing leaves it."""
    params = load()
    evaluate(
        params.model_copy(update={"evaluate": params.evaluate.model_copy(update={"track": False})})
    )
    return _metrics()


def _check_logged(server: Server, metrics: dict[str, bytes]) -> Run:
    [run] = _runs(server)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["pages_done"] == 2
    assert run.data.params["evaluate.experiment"] == load().evaluate.experiment
    assert len(run.inputs.dataset_inputs) == 2
    assert metrics.items() < _logged(server, run).items()
    return run


def test_a_run_is_logged_whole_and_once(server: Server) -> None:
    metrics = _whole_metrics()
    log()
    first = _check_logged(server, metrics)
    artifacts = _logged(server, first)
    log()
    assert _check_logged(server, metrics).info.run_id == first.info.run_id
    assert _logged(server, first) == artifacts
    history = MlflowClient(server.uri).get_metric_history(first.info.run_id, "pages_done")
    assert len(history) == 1
    for folder in (server.folder, server.database.folder):
        for path in folder.rglob("*"):
            if path.is_file():
                assert b"ann:secret" not in path.read_bytes(), path


@pytest.mark.parametrize("fault", ["no answer", "no database"])
def test_a_server_that_fails_can_be_logged_to_later(
    server: Server, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    metrics = _whole_metrics()
    if fault == "no answer":
        server.hold()
    else:
        server.database.stop()
    start = time.monotonic()
    log()
    assert time.monotonic() - start < BOUND_S
    told = capfd.readouterr().err
    assert told.startswith(WARNING.format(port=server.port))
    assert told.endswith("`make log` logs the run later\n")
    assert told.count("\n") == 1
    assert _metrics() == metrics

    server.start()
    log()
    _check_logged(server, metrics)


def test_a_server_killed_in_the_middle_and_gone_afterwards(server: Server) -> None:
    plots = Path("metrics/plots/more")
    plots.mkdir(parents=True)
    for number in range(50):  # so that the end is far when the first is there
        (plots / f"{number}.txt").write_text("x", encoding="utf-8")
    metrics = _whole_metrics()
    known = set(server.artifacts.rglob("scores.json"))
    start = time.monotonic()
    command = [sys.executable, "-m", "stages.evaluate"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as stage:
        while set(server.artifacts.rglob("scores.json")) == known:
            assert stage.poll() is None
            time.sleep(0.005)
        server.kill()
        told = stage.communicate()[1]
    assert time.monotonic() - start < BOUND_S
    assert stage.returncode == 0
    assert told.startswith(WARNING.format(port=server.port))
    assert (told.count("\n"), "secret" in told) == (1, False)
    assert _metrics() == metrics

    start = time.monotonic()
    again = _python("stages.evaluate")
    assert time.monotonic() - start < BOUND_S
    assert again.returncode == 0
    assert again.stderr.startswith(WARNING.format(port=server.port) + "ConnectionRefusedError")
    assert (again.stderr.count("\n"), "secret" in again.stderr) == (1, False)
    assert _metrics() == metrics

    server.start()
    [half] = _runs(server)
    assert half.info.status == "RUNNING"
    assert not metrics.items() <= _logged(server, half).items()
    later = _python("stages.evaluate.tracking")
    assert (later.returncode, later.stderr) == (0, "")
    assert later.stdout == (
        f"logged to MLflow at http://127.0.0.1:{server.port}: run {half.info.run_id}\n"
    )
    assert _check_logged(server, metrics).info.run_id == half.info.run_id
