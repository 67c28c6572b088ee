from pathlib import Path

import pytest

from stages.evaluate.tracking.store import (
    cause,
    client_environment,
    tracking_uri,
)


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
