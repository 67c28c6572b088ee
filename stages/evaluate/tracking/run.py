"""What a run holds: settings, scores, the table of pages, its inputs, everything in metrics/.

MLflow takes seconds to load: `attempt` runs this module in a process of its own.
"""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas
import yaml
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from stages.config.settings import Params
from stages.evaluate.summary import DETAILS, PAGES_TABLE
from stages.evaluate.tracking.origin import (
    BASELINE_TAG,
    DIRTY_TAG,
    EXPERIMENT_TAG,
    origin_tags,
)
from stages.evaluate.tracking.state import LOCK, folder_digest, pipeline_state, upstream_lock
from stages.evaluate.tracking.store import cause, experiment_id, store_to_itself, tracking_uri
from stages.pages.records import DatasetRecord
from stages.pages.stored import DATASET, METRICS, TRANSCRIPTIONS, read_jsonl

STATE_TAG = "pipeline.state"
TABLE = "pages.json"
PARAMS_PER_CALL = 100  # MLflow's own limit


def log_run(params: Params) -> str:
    """Log this state's run from metrics/, the first time or again, and give its id.

    It is marked as running until all is logged: a run left half-done is taken up by the next call.
    The pictures come last.

    Raises:
        MlflowException, OSError: the store cannot be reached or written.
    """
    client = MlflowClient(tracking_uri())
    tags = origin_tags()
    run = _run_of(client, params, tags)
    run_id = str(run.info.run_id)
    settings = params.model_dump(mode="json")
    _log_values(client, run, settings, tags)
    client.log_inputs(run_id, datasets=_inputs())
    client.log_text(run_id, yaml.safe_dump(settings, sort_keys=False), "params.yaml")
    if lock := upstream_lock():
        client.log_text(run_id, yaml.safe_dump(lock, sort_keys=False), LOCK.name)
    _log_table(client, run)
    for path in metrics_files():
        folder = path.parent.relative_to(METRICS).as_posix()
        client.log_artifact(run_id, str(path), None if folder == "." else folder)
    client.set_terminated(run_id)
    return run_id


def metrics_files() -> list[Path]:
    """What evaluate wrote, upper folders first."""
    files = [path for path in METRICS.rglob("[!.]*") if path.is_file()]
    return sorted(files, key=lambda path: (len(path.parts), path))


def flatten(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as `group.key`: text, lists and numbers in their JSON form."""
    flat: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value if isinstance(value, str) else json.dumps(value)
    return flat


def _run_of(client: MlflowClient, params: Params, tags: Mapping[str, str]) -> Run:
    """This state's run, marked as running; a new one where there is none."""
    experiment = experiment_id(client, params.evaluate.experiment)
    state = pipeline_state(params)
    known = client.search_runs([experiment], f"tags.`{STATE_TAG}` = '{state}'", max_results=1)
    if known:
        client.update_run(known[0].info.run_id, status="RUNNING")
        return known[0]
    name = tags.get(EXPERIMENT_TAG) or f"{tags.get(BASELINE_TAG, '')[:7]}-{state[:6]}".lstrip("-")
    own = {EXPERIMENT_TAG: "workspace", **tags, STATE_TAG: state}
    return client.create_run(experiment, run_name=name, tags=own)


def _log_values(
    client: MlflowClient, run: Run, settings: Mapping[str, Any], tags: Mapping[str, str]
) -> None:
    """Params, metrics where they are new or changed, and tags."""
    run_id = run.info.run_id
    flat = [Param(*item) for item in flatten(settings).items()]
    for start in range(0, len(flat), PARAMS_PER_CALL):
        client.log_batch(run_id, params=flat[start : start + PARAMS_PER_CALL])
    scores: dict[str, int | float | str] = json.loads(DETAILS.read_text(encoding="utf-8"))
    words = {name: value for name, value in scores.items() if isinstance(value, str)}
    numbers = {name: float(value) for name, value in scores.items() if name not in words}
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        metrics=[
            Metric(name, value, now, 0)
            for name, value in numbers.items()
            if run.data.metrics.get(name) != value
        ],
        tags=[RunTag(*item) for item in {**_still_true(run, tags), **words}.items()],
    )


def _still_true(run: Run, tags: Mapping[str, str]) -> dict[str, str]:
    """`tags` without a commit with changes, where one without is known to give this state."""
    if run.data.tags.get(DIRTY_TAG) == "false":
        return {name: tag for name, tag in tags.items() if name not in (BASELINE_TAG, DIRTY_TAG)}
    return dict(tags)


def _inputs() -> list[DatasetInput]:
    """The dataset, and the transcriptions it is scored against, under DVC's names for them."""
    records = read_jsonl(DATASET / "dataset.jsonl", DatasetRecord)
    transcribed = list(TRANSCRIPTIONS.glob("*.yaml"))
    return [
        _input(DATASET, len(records), "evaluation"),
        _input(TRANSCRIPTIONS, len(transcribed), "ground truth"),
    ]


def _input(folder: Path, rows: int, context: str) -> DatasetInput:
    name = folder.as_posix()
    dataset = Dataset(
        name=name,
        digest=folder_digest(folder),
        source_type="local",
        source=json.dumps({"uri": name}),
        profile=json.dumps({"num_rows": rows}),
    )
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, context)])


def _log_table(client: MlflowClient, run: Run) -> None:
    """The rows of pages.csv; those of an earlier time go, to which MLflow would add them."""
    run_id = run.info.run_id
    if TABLE in [file.path for file in client.list_artifacts(run_id)]:
        artifacts = get_artifact_repository(run.info.artifact_uri, tracking_uri())
        artifacts.delete_artifacts(TABLE)  # type: ignore[no-untyped-call]
    table = pandas.read_csv(PAGES_TABLE, dtype={"page": str}, keep_default_na=False, na_values=[""])
    client.log_table(run_id, table, TABLE)


def load_client() -> None:
    """Import what MLflow itself imports only when a database is opened."""
    if not tracking_uri().startswith(("http:", "https:")):
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401, PLC0415


def main() -> None:
    """Log the run of the settings on stdin, JSON, if any come; an error is one line on stderr.

    Prints an empty line when MLflow is loaded, and the run's id at the end.
    """
    load_client()
    print(flush=True)
    settings = sys.stdin.readline()
    if not settings:
        return  # the evaluation has ended before its end
    try:
        with store_to_itself():
            print(log_run(Params.model_validate_json(settings)))
    except Exception as error:  # the store's clients raise errors of many libraries
        sys.exit(cause(error))


if __name__ == "__main__":
    main()
