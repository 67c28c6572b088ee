import os
import re
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from stages.config.settings import Params
from stages.evaluate.tracking.attempt import COMMAND, Logger, NotLoggedError, deadline_s, track


def test_a_server_that_refuses_costs_one_line(
    params: Params,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with closing(Logger()) as logger:
        track(params, logger)
    out, err = capfd.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "not logged to MLflow at http://127.0.0.1:9 (ConnectionRefusedError" in err
    assert "`make log` logs the run later" in err
    assert "secret" not in err
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"


def test_a_process_that_cannot_start_is_told(
    params: Params, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH")
    with (
        closing(Logger()) as logger,
        pytest.raises(NotLoggedError, match=re.escape("No module named 'stages'")),
    ):
        logger.log(params)


def test_a_process_that_is_not_told_to_logs_nothing(workplace: Path) -> None:
    """As where the evaluation fails, or is killed."""
    with closing(Logger()):
        pass
    done = subprocess.run(
        COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("\n", "")
    assert not list(workplace.glob("mlflow.db*"))


def test_a_process_that_has_much_to_say_is_not_held_up_by_it(
    params: Params, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with closing(Logger()) as logger, pytest.raises(NotLoggedError, match="ConnectionRefused"):
        logger.log(params, 60)


@pytest.mark.parametrize("uri", ["http://x", "https://x", "postgresql://x/y", "databricks"])
def test_what_can_be_away_has_a_deadline(uri: str) -> None:
    assert 0 < (deadline_s(uri) or 0) < 10
    assert deadline_s("sqlite:////x/mlflow.db") is None
