"""Where runs are logged, and how MLflow's client behaves there.

Runs go into mlflow.db at the root of the user's own checkout, also from a queued experiment's
temporary one, or wherever `MLFLOW_TRACKING_URI` says.
"""

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.config.secrecy import without_secrets
from stages.store.checkout import project_root

# One request to a server that cannot be reached. The user's environment wins.
PATIENCE = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}
QUIET = {
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def tracking_uri(environment: Mapping[str, str] = os.environ) -> str:
    """Where runs are logged: `MLFLOW_TRACKING_URI`, else sqlite at the checkout's root."""
    return (
        environment.get("MLFLOW_TRACKING_URI") or f"sqlite:///{project_root(environment)}/mlflow.db"
    )


def cause(error: BaseException) -> str:
    """The first error in the chain, in one line without secrets."""
    while error.__cause__ or (error.__context__ and not error.__suppress_context__):
        error = error.__cause__ or error.__context__ or error
    lines = without_secrets(str(error)).splitlines()
    return ": ".join([type(error).__name__, *lines[:1]])


def set_client_defaults() -> None:
    """Let MLflow's client give up soon and say little; to be called before it is imported."""
    os.environ.update(client_environment())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def client_environment() -> dict[str, str]:
    """The environment for MLflow's client."""
    return {**PATIENCE, **QUIET, **os.environ}


@contextmanager
def store_to_itself() -> Iterator[None]:
    """Keep the queue's other experiments out of mlflow.db, which is there from then on."""
    if os.environ.get("MLFLOW_TRACKING_URI"):
        yield
        return
    root = project_root()
    with (root / "mlflow.db-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "mlflow.db").exists():
            _make_whole(root / "mlflow.db")
        yield


def _make_whole(path: Path) -> None:
    """A new store under its name once MLflow has made all tables: one killed meanwhile leaves
    tables that it refuses ever after."""
    from mlflow import MlflowClient  # noqa: PLC0415

    draft = path.with_name(f"{path.name}-draft")
    for left in (draft, draft.with_name(f"{draft.name}-journal")):
        left.unlink(missing_ok=True)
    MlflowClient(f"sqlite:///{draft}").search_experiments(max_results=1)
    draft.replace(path)


def experiment_id(client: Any, name: str) -> str:
    """The MLflow experiment of this name, made where there is none.

    Its artifacts lie beside mlflow.db unless a server keeps them.
    """
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    found = client.get_experiment_by_name(name)
    if found is None:
        served = tracking_uri().startswith(("http:", "https:"))
        location = None if served else (project_root() / "mlartifacts").as_uri()
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException:  # another experiment of the queue was faster
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)
