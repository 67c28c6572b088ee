"""Logging that no server can hold up.

A process of its own does it, which can be ended at any point: a server may refuse, answer slowly or
with errors, die in between, or take a connection and never answer.
"""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.config.secrecy import without_secrets, without_userinfo
from stages.config.settings import Params
from stages.evaluate.tracking.store import client_environment, tracking_uri

COMMAND = [sys.executable, "-m", "stages.evaluate.tracking.run"]

# From the time at which MLflow is loaded. A run of the sample pages takes a server a second; where
# the URI is a database's, the client itself has to load and check its tables.
SERVER_S = 4.0
DATABASE_S = 8.0


class NotLoggedError(Exception):
    """The reason, one line without secrets."""


class Logger:
    """A process that loads MLflow while others work, and then logs when it is told to."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._said = Path(self._opened.enter_context(TemporaryDirectory())) / "stderr"
        with self._said.open("w") as said:  # a pipe would fill up, and hold the process up
            process = subprocess.Popen(
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=client_environment(),
            )
        self._process = self._opened.enter_context(process)  # closes its pipes, and waits
        self._opened.callback(process.kill)

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._opened.close()

    def log(self, params: Params, seconds: float | None = None) -> str:
        """`run.log_run`, ended after so many seconds; the run's id.

        Raises:
            NotLoggedError: it failed or was ended.
        """
        process = self._process
        assert process.stdout
        process.stdout.readline()  # MLflow is loaded, or the process has ended
        try:
            told, _ = process.communicate(params.model_dump_json() + "\n", timeout=seconds)
        except subprocess.TimeoutExpired:
            raise NotLoggedError(f"no end after {seconds:g} s") from None
        if process.returncode != 0:
            fault = self._said.read_text(errors="replace")
            lines = fault.strip().splitlines() or [f"code {process.returncode}"]
            raise NotLoggedError(without_secrets(lines[-1]))
        return told.strip().splitlines()[-1]


def track(params: Params, logger: Logger) -> None:
    """Log the evaluation in metrics/, at most a warning line: a store costs no evaluation."""
    uri = tracking_uri()
    try:
        logger.log(params, deadline_s(uri))
    except NotLoggedError as error:
        print(
            f"evaluate: warning: not logged to MLflow at {without_userinfo(uri)} ({error}); "
            "the files in metrics/ are whole; `make log` logs the run later",
            file=sys.stderr,
        )


def deadline_s(uri: str) -> float | None:
    """Seconds until an attempt is ended; None for a file, which may be slow but is never away."""
    if uri.startswith("sqlite:"):
        return None
    return SERVER_S if uri.startswith(("http:", "https:")) else DATABASE_S
