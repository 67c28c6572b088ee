import json
import shutil
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from stages.config.settings import Params
from stages.evaluate.__main__ import evaluate
from stages.evaluate.tracking.run import DIRTY_TAG, STATE_TAG, flatten, log_run
from stages.evaluate.tracking.state import folder_digest, pipeline_state


@pytest.fixture
def quiet(params: Params) -> Params:
    """The settings, under which an evaluation logs nothing by itself."""
    return params.model_copy(
        update={"evaluate": params.evaluate.model_copy(update={"track": False})}
    )


@pytest.fixture
def evaluated(workplace: Path, quiet: Params, empty_store: Path) -> Path:
    """A working directory with metrics/, a dvc.lock and an mlflow.db without runs."""
    shutil.copy(empty_store, workplace)
    lock = {"stages": {"crop": {"outs": [{"path": "data/regions"}]}, "evaluate": {}}}
    (workplace / "dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")
    evaluate(quiet)
    return workplace


def _client(root: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{root}/mlflow.db")


def _artifacts(run: str, root: Path) -> dict[str, bytes]:
    found = next((root / "mlartifacts").glob(run)) / "artifacts"
    files = [path for path in found.rglob("*") if path.is_file()]
    return {path.relative_to(found).as_posix(): path.read_bytes() for path in files}


def test_a_run_holds_the_whole_evaluation(quiet: Params, evaluated: Path) -> None:
    run = _client(evaluated).get_run(log_run(quiet))
    scores = json.loads((evaluated / "metrics/details.json").read_text(encoding="utf-8"))
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {k: v for k, v in scores.items() if not isinstance(v, str)}
    assert run.data.params == flatten(quiet.model_dump(mode="json"))
    assert run.data.tags["normalisation"] == scores["normalisation"]
    assert run.data.tags[STATE_TAG] == pipeline_state(quiet)
    assert run.data.tags["dvc.exp_name"] == "workspace"
    inputs = {given.dataset.name: given for given in run.inputs.dataset_inputs}
    assert inputs.keys() == {"data/dataset", "data/transcriptions"}
    for name, given in inputs.items():
        assert given.dataset.digest == folder_digest(Path(name))
        assert json.loads(given.dataset.profile) == {"num_rows": 2}

    artifacts = _artifacts(run.info.run_id, evaluated)
    metrics = evaluated / "metrics"
    for path in metrics.rglob("*"):
        if path.is_file():
            assert artifacts.pop(path.relative_to(metrics).as_posix()) == path.read_bytes()
    assert yaml.safe_load(artifacts.pop("params.yaml")) == quiet.model_dump(mode="json")
    assert yaml.safe_load(artifacts.pop("dvc.lock")).keys() == {"crop"}
    assert artifacts.keys() == {"pages.json"}
    table = _client(evaluated).load_table(run.info.experiment_id, "pages.json", [run.info.run_id])
    assert list(table["page"]) == ["a", "b", "c"]
    assert list(table["essay_cer"])[:2] == [0.0, 1.0]


def test_a_run_comes_back_with_its_state_and_nothing_twice(quiet: Params, evaluated: Path) -> None:
    first = log_run(quiet)
    before = _artifacts(first, evaluated)
    assert log_run(quiet) == first
    assert _artifacts(first, evaluated) == before
    client = _client(evaluated)
    run = client.get_run(first)
    assert len(client.search_runs([run.info.experiment_id])) == 1
    assert len(client.get_metric_history(first, "pages_done")) == 1
    assert len(run.inputs.dataset_inputs) == 2
    assert json.loads(run.data.tags["mlflow.loggedArtifacts"]) == [
        {"path": "pages.json", "type": "table"}
    ]
    assert log_run(quiet.model_copy(update={"on_reject": "fail"})) != first


def test_scores_of_a_state_can_change(quiet: Params, evaluated: Path) -> None:
    first = log_run(quiet)
    (evaluated / "metrics/details.json").write_text('{"pages_done": 3}', encoding="utf-8")
    (evaluated / "metrics/pages.csv").write_text("page,status\n01,done\n", encoding="utf-8")
    assert log_run(quiet) == first
    client = _client(evaluated)
    assert [point.value for point in client.get_metric_history(first, "pages_done")] == [2, 3]
    assert json.loads(_artifacts(first, evaluated)["pages.json"])["data"] == [["01", "done"]]


def test_a_half_logged_run_is_taken_up(quiet: Params, evaluated: Path) -> None:
    run = log_run(quiet)
    whole = _artifacts(run, evaluated)
    client = _client(evaluated)
    client.update_run(run, status="RUNNING")
    client.delete_tag(run, "mlflow.loggedArtifacts")  # what log_table does last
    (evaluated / f"mlartifacts/{run}/artifacts/report.html").unlink()
    assert log_run(quiet) == run
    assert _artifacts(run, evaluated) == whole
    taken_up = client.get_run(run)
    assert taken_up.info.status == "FINISHED"
    assert "pages.json" in taken_up.data.tags["mlflow.loggedArtifacts"]


def test_known_origins_are_kept(
    quiet: Params, evaluated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _client(evaluated)
    with monkeypatch.context() as experiment:
        experiment.setenv("DVC_EXP_NAME", "plum-tart")
        experiment.setenv("DVC_EXP_BASELINE_REV", "abc")
        run = log_run(quiet)
    assert client.get_run(run).info.run_name == "plum-tart"
    client.set_tag(run, DIRTY_TAG, "false")
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "def")
    assert log_run(quiet) == run
    tags = client.get_run(run).data.tags
    assert tags["dvc.exp_name"] == "plum-tart"
    assert (tags["dvc.baseline"], tags[DIRTY_TAG]) == ("abc", "false")


def test_without_any_page(quiet: Params, evaluated: Path) -> None:
    (evaluated / "data/dataset/dataset.jsonl").write_text("", encoding="utf-8")
    (evaluated / "metrics/pages.csv").write_text("page\n", encoding="utf-8")
    run = log_run(quiet)
    assert _client(evaluated).get_run(run).info.status == "FINISHED"


def test_settings_become_flat() -> None:
    nested = {"a": {"b": [0.1, 2], "c": None}, "d": "text", "e": True}
    assert flatten(nested) == {"a.b": "[0.1, 2]", "a.c": "null", "d": "text", "e": "true"}
