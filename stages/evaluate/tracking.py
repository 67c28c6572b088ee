"""One MLflow run per state of the pipeline, resumed when the state comes back.

A state is what the scores follow from: the inputs, code and parameters of the stages before, as
dvc.lock has them, all settings, and the transcriptions. Runs go into mlflow.db at the root of the
user's own checkout, also from a queued experiment's temporary one, or wherever
`MLFLOW_TRACKING_URI` says.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from stages.runner import DATASET, TRANSCRIPTIONS
from stages.settings import Params

LOCK = Path("dvc.lock")
STATE_TAG = "pipeline.state"
PARAMS_PER_CALL = 100  # MLflow's own limit

# A server that cannot be reached ends the attempt within 15 s. The user's environment wins.
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


def project_root(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's checkout; DVC runs experiments in `<checkout>/.dvc/tmp/exps/`."""
    here = Path(environment.get("DVC_ROOT", ".")).resolve()
    for parent in here.parents:
        if here.is_relative_to(parent / ".dvc" / "tmp" / "exps"):
            return parent
    return here


def tracking_uri(environment: Mapping[str, str] = os.environ) -> str:
    """Where runs are logged: `MLFLOW_TRACKING_URI`, else sqlite at the checkout's root."""
    return (
        environment.get("MLFLOW_TRACKING_URI") or f"sqlite:///{project_root(environment)}/mlflow.db"
    )


def without_userinfo(text: str) -> str:
    """`text` fit to be shown: user and password left out of the URIs in it."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", text)


def pipeline_state(params: Params) -> str:
    """A name for the state of the pipeline in the working directory, 16 hexadecimal digits.

    Without dvc.lock, the dataset stands in for the stages that made it.
    """
    state = {
        "settings": params.model_dump(mode="json"),
        "upstream": _locked_inputs() if LOCK.is_file() else list(_digests(DATASET)),
        "transcriptions": list(_digests(TRANSCRIPTIONS)),
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def _locked_inputs() -> dict[str, Any]:
    stages = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"]
    return {
        name: {"deps": stage.get("deps"), "params": stage.get("params")}
        for name, stage in stages.items()
        if name not in ("params", "evaluate")
    }


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def flatten(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as `group.key`: text, lists and numbers in their JSON form."""
    flat: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value if isinstance(value, str) else json.dumps(value)
    return flat


def origin_tags(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What leads from a run back to its experiment and commit, as far as there are any."""
    commit = environment.get("DVC_EXP_BASELINE_REV") or _git("rev-parse", "HEAD")
    tags = {"dvc.exp_name": environment.get("DVC_EXP_NAME", "workspace")}
    if commit:
        changes = _git("status", "--porcelain", "--untracked-files=no")
        tags |= {"dvc.baseline": commit, "git.dirty": "true" if changes else "false"}
    return tags


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


@contextmanager
def _store_to_itself() -> Iterator[None]:
    """Keep the queue's other experiments out of mlflow.db: MLflow's set-up of it can be torn."""
    if os.environ.get("MLFLOW_TRACKING_URI"):
        yield
        return
    with (project_root() / "mlflow.db-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def log_run(params: Params, scores: Mapping[str, int | float | str], files: Sequence[Path]) -> str:
    """Log this state's run, the first time or again, and give its id.

    Args:
        files: the artifacts, beside the settings as params.yaml.

    Raises:
        MlflowException, OSError: the store cannot be reached or written.
    """
    from mlflow import MlflowClient  # noqa: PLC0415  (takes 2 s: only where it is used)
    from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415

    client = MlflowClient(tracking_uri())
    state, tags = pipeline_state(params), origin_tags()
    run = _run_of(client, _experiment(client, params.evaluate.experiment), state, tags)
    now = int(time.time() * 1000)
    settings = params.model_dump(mode="json")
    flat = [Param(*item) for item in flatten(settings).items()]
    for start in range(0, len(flat), PARAMS_PER_CALL):
        client.log_batch(run, params=flat[start : start + PARAMS_PER_CALL])
    tags |= {name: value for name, value in scores.items() if isinstance(value, str)}
    numbers = {name: value for name, value in scores.items() if not isinstance(value, str)}
    client.log_batch(
        run,
        metrics=[Metric(name, float(value), now, 0) for name, value in numbers.items()],
        tags=[RunTag(*item) for item in tags.items()],
    )
    client.log_text(run, yaml.safe_dump(settings, sort_keys=False), "params.yaml")
    for path in files:
        client.log_artifact(run, str(path))
    client.set_terminated(run)
    return run


def _experiment(client: Any, name: str) -> str:
    """The experiment's id; made with artifacts beside mlflow.db unless a server keeps them."""
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


def _run_of(client: Any, experiment: str, state: str, tags: Mapping[str, str]) -> str:
    known = client.search_runs([experiment], f"tags.`{STATE_TAG}` = '{state}'", max_results=1)
    if known:
        client.update_run(known[0].info.run_id, status="RUNNING")
        return str(known[0].info.run_id)
    name = tags["dvc.exp_name"]
    if name == "workspace":
        name = f"{tags.get('dvc.baseline', '')[:7]}-{state[:6]}".lstrip("-")
    run = client.create_run(experiment, run_name=name, tags={STATE_TAG: state})
    return str(run.info.run_id)


def set_client_defaults() -> None:
    """Let MLflow's client give up soon and say little; to be called before it is imported."""
    for name, value in (PATIENCE | QUIET).items():
        os.environ.setdefault(name, value)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def track(params: Params, scores: Mapping[str, int | float | str], files: Sequence[Path]) -> None:
    """`log_run`, at most a warning line on stderr: a store that fails costs no evaluation."""
    set_client_defaults()
    try:
        with _store_to_itself():
            log_run(params, scores, files)
    except Exception as error:  # the store's clients raise errors of many libraries
        print(
            f"evaluate: warning: not logged to MLflow at {without_userinfo(tracking_uri())} "
            f"({cause(error)}); the files in metrics/ are whole; "
            "`dvc repro --single-item --force evaluate` logs the run later",
            file=sys.stderr,
        )


def cause(error: BaseException) -> str:
    """The first error in the chain, in one line without user and password."""
    while error.__cause__ or (error.__context__ and not error.__suppress_context__):
        error = error.__cause__ or error.__context__ or error
    lines = without_userinfo(str(error)).splitlines()
    return ": ".join([type(error).__name__, *lines[:1]])
