import subprocess
import sys
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient

from stages.evaluate.tracking.store import (
    cause,
    client_environment,
    tracking_uri,
)

ENTER = """
from stages.evaluate.tracking.store import store_to_itself
with store_to_itself():
    pass
"""
SOME_TABLES = 100_000  # bytes, of some 900,000


@pytest.mark.parametrize("tail", ["", ".dvc/tmp/exps/tmpab12", ".dvc/tmp/exps/standalone/tmpab12"])
def test_experiments_log_at_the_users_checkout(tmp_path: Path, tail: str) -> None:
    workspace = tmp_path / tail
    workspace.mkdir(parents=True, exist_ok=True)
    environment = {"DVC_ROOT": str(workspace)}
    assert tracking_uri(environment) == f"sqlite:///{tmp_path}/mlflow.db"
    assert tracking_uri(environment | {"MLFLOW_TRACKING_URI": "http://x"}) == "http://x"


def test_the_first_error_is_the_cause() -> None:
    try:
        try:
            raise ConnectionError("to http://ann:secret@host\nand more")
        except ConnectionError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        assert cause(error) == "ConnectionError: to http://host"


def test_the_users_own_patience_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "77")
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    assert client_environment()["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "77"
    assert client_environment()["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "1"


def test_killed_while_the_store_is_made_the_next_one_makes_it(tmp_path: Path) -> None:
    """MLflow refuses tables that are there before their time, then and ever after."""
    store, draft = tmp_path / "mlflow.db", tmp_path / "mlflow.db-draft"
    environment = client_environment() | {"DVC_ROOT": str(tmp_path), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", ENTER]
    with subprocess.Popen(command, cwd=tmp_path, env=environment) as process:
        while not draft.exists() or draft.stat().st_size < SOME_TABLES:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert not store.exists()
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert not draft.exists()
    assert MlflowClient(f"sqlite:///{store}").search_experiments()
