import os
import re
from pathlib import Path

import pytest

from stages.evaluate.tracking.attempt import NotLoggedError, log_metrics, track
from stages.settings import Params


def test_a_server_that_refuses_costs_one_line(
    params: Params,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    track(params)
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
    with pytest.raises(NotLoggedError, match=re.escape("No module named 'stages'")):
        log_metrics(params)
