"""Against a real store in a file."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from sweep.parent import PARENT_TAG, GivenUp, group_runs
from sweep.presets import Sweep
from tests.sweep.results import result

SWEEP = Sweep("beams", "essay_cer", {"recognize.num_beams": ["1", "4"]})
RESULTS = [result("beams-b", 0.01), result("beams-a", 0.02)]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return MlflowClient(uri)


def test_runs_get_one_parent_however_often_the_sweep_is_started(
    client: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = client.create_experiment("handwriting")
    runs = {
        name: client.create_run(experiment, tags={"dvc.exp_name": name}).info.run_id
        for name in ("beams-a", "other")
    }
    group_runs(SWEEP, RESULTS, "1234", "handwriting")
    assert "no MLflow run has the name beams-b" in capsys.readouterr().err
    runs["beams-b"] = client.create_run(experiment, tags={"dvc.exp_name": "beams-b"}).info.run_id
    group_runs(SWEEP, RESULTS, "1234", "handwriting")
    assert capsys.readouterr().err == ""

    [parent] = [run for run in client.search_runs([experiment]) if run.info.run_name == "beams"]
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics == {"essay_cer": 0.01}
    assert parent.data.tags["sweep.best"] == "beams-b"
    parents = {name: client.get_run(run).data.tags.get(PARENT_TAG) for name, run in runs.items()}
    own = parent.info.run_id
    assert parents == {"beams-a": own, "beams-b": own, "other": None}

    group_runs(SWEEP, RESULTS, "5678", "handwriting")
    assert len(client.search_runs([experiment])) == 5


def test_a_point_given_up_is_a_killed_run_of_the_parent_once(client: MlflowClient) -> None:
    experiment = client.create_experiment("handwriting")
    client.create_run(experiment, tags={"dvc.exp_name": "beams-a"})
    lost = GivenUp("beams-c", {"recognize.num_beams": "2"}, [0.5, 0.25])
    for _ in range(2):
        group_runs(SWEEP, RESULTS[1:], "1234", "handwriting", [lost])
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    assert len(runs) == 3
    run = runs["beams-c"]
    assert run.info.status == "KILLED"
    assert run.data.params == {"recognize.num_beams": "2"}
    assert run.data.metrics == {"essay_cer_mean_of_some_pages": 0.375, "pages_looked_at": 2}
    assert run.data.tags[PARENT_TAG] == runs["beams"].info.run_id

    client.delete_run(run.info.run_id)
    half = client.create_run(experiment, tags=run.data.tags)  # as one interrupted leaves
    group_runs(SWEEP, RESULTS[1:], "1234", "handwriting", [lost])
    whole = client.get_run(half.info.run_id)
    assert (whole.info.status, whole.data.metrics) == ("KILLED", run.data.metrics)


def test_a_server_that_is_away_costs_one_warning_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    group_runs(SWEEP, RESULTS, "1234", "handwriting")
    told = capsys.readouterr().err
    assert told.startswith(
        "sweep: warning: the runs in MLflow at http://127.0.0.1:9 have no parent"
    )
    assert told.count("\n") == 1
    assert "secret" not in told
