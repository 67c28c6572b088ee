import os
import subprocess
from pathlib import Path

import pytest
from mlflow import MlflowClient

from stages.evaluate.tracking import (
    STATE_TAG,
    flatten,
    log_run,
    origin_tags,
    pipeline_state,
    project_root,
    track,
    tracking_uri,
    without_userinfo,
)
from stages.settings import Params

LOCK = """
stages:
  params: {deps: [{path: conf, md5: "1"}]}
  crop: {deps: [{path: data/pages, md5: "PAGES"}]}
  evaluate: {deps: [{path: data/dataset, md5: "OWN"}]}
"""


def _with(params: Params, **settings: object) -> Params:
    return params.model_copy(update=settings)


def test_a_run_comes_back_with_its_state(params: Params, workplace: Path) -> None:
    scores = workplace / "scores.json"
    scores.write_text("{}", encoding="utf-8")
    first = log_run(params, {"normalisation": "n", "essay_cer": 0.5, "pages_done": 2}, [scores])
    again = log_run(params, {"normalisation": "n", "essay_cer": 0.25, "pages_done": 2}, [scores])
    other = log_run(_with(params, on_reject="fail"), {"essay_cer": 0.5}, [])
    assert first == again != other

    client = MlflowClient(f"sqlite:///{workplace}/mlflow.db")
    run = client.get_run(first)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"essay_cer": 0.25, "pages_done": 2}
    assert run.data.params == flatten(params.model_dump(mode="json"))
    assert run.data.tags["normalisation"] == "n"
    assert run.data.tags[STATE_TAG] == pipeline_state(params)
    assert {f.path for f in client.list_artifacts(first)} == {"scores.json", "params.yaml"}
    assert run.info.artifact_uri.startswith((workplace / "mlartifacts").as_uri())
    assert len(client.search_runs([run.info.experiment_id])) == 2


def test_an_unreachable_server_costs_one_line(
    params: Params,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    track(params, {"essay_cer": 0.5}, [])
    out, err = capfd.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "not logged to MLflow at http://127.0.0.1:9 (ConnectionRefusedError" in err
    assert "secret" not in err
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"


def test_the_state_follows_inputs_settings_and_transcriptions(
    params: Params, workplace: Path
) -> None:
    lock = workplace / "dvc.lock"
    states = {pipeline_state(params)}
    lock.write_text(LOCK, encoding="utf-8")
    states.add(pipeline_state(params))
    lock.write_text(LOCK.replace("PAGES", "other"), encoding="utf-8")
    states.add(pipeline_state(params))
    states.add(pipeline_state(_with(params, on_reject="fail")))
    (workplace / "data/transcriptions/c.yaml").write_text("band: 5\n", encoding="utf-8")
    states.add(pipeline_state(params))
    assert len(states) == 5


def test_the_state_leaves_evaluates_own_entry_out(params: Params, workplace: Path) -> None:
    lock = workplace / "dvc.lock"
    lock.write_text(LOCK, encoding="utf-8")
    before = pipeline_state(params)
    lock.write_text(LOCK.replace("OWN", "after the run"), encoding="utf-8")
    assert pipeline_state(params) == before


@pytest.mark.parametrize("tail", ["", ".dvc/tmp/exps/tmpab12", ".dvc/tmp/exps/standalone/tmpab12"])
def test_experiments_log_at_the_users_checkout(tmp_path: Path, tail: str) -> None:
    workspace = tmp_path / tail
    workspace.mkdir(parents=True, exist_ok=True)
    environment = {"DVC_ROOT": str(workspace)}
    assert project_root(environment) == tmp_path
    assert tracking_uri(environment) == f"sqlite:///{tmp_path}/mlflow.db"
    assert tracking_uri(environment | {"MLFLOW_TRACKING_URI": "http://x"}) == "http://x"


def test_tags_lead_back_to_commit_and_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert origin_tags({}) == {"dvc.exp_name": "workspace"}
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    (tmp_path / "file").write_text("1", encoding="utf-8")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "file"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    clean = origin_tags({})
    assert len(clean["dvc.baseline"]) == 40
    assert clean["git.dirty"] == "false"
    (tmp_path / "file").write_text("2", encoding="utf-8")
    tags = origin_tags({"DVC_EXP_NAME": "plum-tart", "DVC_EXP_BASELINE_REV": "abc"})
    assert tags == {"dvc.exp_name": "plum-tart", "dvc.baseline": "abc", "git.dirty": "true"}


def test_passwords_are_not_shown() -> None:
    assert without_userinfo("postgresql://u:p@db/x") == "postgresql://db/x"
    assert without_userinfo("sqlite:////a@b/mlflow.db") == "sqlite:////a@b/mlflow.db"


def test_settings_become_flat() -> None:
    nested = {"a": {"b": [0.1, 2], "c": None}, "d": "text", "e": True}
    assert flatten(nested) == {"a.b": "[0.1, 2]", "a.c": "null", "d": "text", "e": "true"}
