"""Logging that no server can hold up.

A process of its own does it, which can be ended at any point: a server may refuse, answer slowly or
with errors, die in between, or take a connection and never answer.
"""

import subprocess
import sys

from stages.evaluate.tracking.store import client_environment, tracking_uri, without_userinfo
from stages.settings import Params

COMMAND = [sys.executable, "-m", "stages.evaluate.tracking.run"]

# From the time at which MLflow is loaded. A run of the sample pages takes a server a second.
DEADLINE_S = 4.0


class NotLoggedError(Exception):
    """The reason, one line without user and password."""


def track(params: Params) -> None:
    """Log the evaluation in metrics/, at most a warning line: a store costs no evaluation.

    mlflow.db may be slow on a busy machine, but is never away: it has no deadline.
    """
    uri = tracking_uri()
    try:
        log_metrics(params, None if uri.startswith("sqlite:") else DEADLINE_S)
    except NotLoggedError as error:
        print(
            f"evaluate: warning: not logged to MLflow at {without_userinfo(uri)} ({error}); "
            "the files in metrics/ are whole; `make log` logs the run later",
            file=sys.stderr,
        )


def log_metrics(params: Params, deadline_s: float | None = None) -> str:
    """`run.log_run` in another process, ended at the deadline; the run's id.

    Raises:
        NotLoggedError: it failed or was ended.
    """
    with subprocess.Popen(
        [*COMMAND, params.model_dump_json()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=client_environment(),
    ) as process:
        assert process.stdout
        process.stdout.readline()  # MLflow is loaded, or the process has ended
        try:
            told, fault = process.communicate(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            process.kill()
            raise NotLoggedError(f"no end after {deadline_s:g} s") from None
    if process.returncode != 0:
        lines = fault.strip().splitlines() or [f"code {process.returncode}"]
        raise NotLoggedError(without_userinfo(lines[-1]))
    return told.strip().splitlines()[-1]
