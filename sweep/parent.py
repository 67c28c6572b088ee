"""One MLflow run above the runs of a sweep's points."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from stages.config.secrecy import without_userinfo
from stages.evaluate.tracking.origin import EXPERIMENT_TAG
from stages.evaluate.tracking.store import (
    cause,
    experiment_id,
    set_client_defaults,
    store_to_itself,
    tracking_uri,
)
from sweep.presets import Sweep
from sweep.table import Result

if TYPE_CHECKING:
    from mlflow import MlflowClient

PARENT_TAG = "mlflow.parentRunId"
POINTS_TAG = "sweep.points"
GIVEN_UP_TAG = "sweep.given_up"


@dataclass(frozen=True)
class GivenUp:
    """A point that a search gave up.

    Attributes:
        name: that its experiment would have had.
        values: of the sweep's keys.
        rates: the metric of each page that was looked at.
    """

    name: str
    values: Mapping[str, str]
    rates: Sequence[float]


def group_runs(
    sweep: Sweep,
    results: Sequence[Result],
    points: str,
    experiment: str,
    given_up: Sequence[GivenUp] = (),
) -> None:
    """Make the points' runs children of one run; at most a warning line where that fails.

    Args:
        results: ranked, the best first.
        points: what names the sweep's points as a whole: started again, it has the same parent.
        experiment: MLflow's experiment that evaluate logs into.
        given_up: get a run that was killed, with the mean over the pages looked at.
    """
    set_client_defaults()
    try:
        with store_to_itself():
            without = _group(sweep, results, points, experiment, given_up)
    except Exception as error:  # the store's clients raise errors of many libraries
        where = without_userinfo(tracking_uri())
        _warn(f"the runs in MLflow at {where} have no parent ({cause(error)})")
        return
    if without:
        _warn(
            f"no MLflow run has the name {', '.join(without)}: DVC took the scores from its cache; "
            "`dvc exp apply NAME` and `make log` log one"
        )


def _group(
    sweep: Sweep,
    results: Sequence[Result],
    points: str,
    experiment: str,
    given_up: Sequence[GivenUp],
) -> Sequence[str]:
    """The names of the results that have no run."""
    from mlflow import MlflowClient  # noqa: PLC0415  (takes 2 s: only at the end)

    client = MlflowClient(tracking_uri())
    group = experiment_id(client, experiment)
    known = client.search_runs([group], f"tags.`{POINTS_TAG}` = '{points}'", max_results=1)
    parent = known[0] if known else client.create_run(group, run_name=sweep.name)
    parent_id = parent.info.run_id
    for key, value in _tags(sweep, results, points).items():
        client.set_tag(parent_id, key, value)
    without = []
    for result in results:
        runs = client.search_runs([group], f"tags.`{EXPERIMENT_TAG}` = '{result.name}'")
        for run in runs:
            client.set_tag(run.info.run_id, PARENT_TAG, parent_id)
        if not runs:
            without.append(result.name)
    for point in given_up:
        _log_given_up(client, group, parent_id, point, sweep.metric)
    if (best := results[0].rate(sweep.metric)) is not None:
        client.log_metric(parent_id, sweep.metric, best)
    client.set_terminated(parent_id)
    return without


def _log_given_up(
    client: "MlflowClient", group: str, parent: str, point: GivenUp, metric: str
) -> None:
    """A run of the point, once; its metric has a name of its own, for it is of some pages alone."""
    tags = {PARENT_TAG: parent, GIVEN_UP_TAG: point.name}
    own = " and ".join(f"tags.`{tag}` = '{value}'" for tag, value in tags.items())
    known = client.search_runs([group], own, max_results=1)
    if known and known[0].info.status == "KILLED":
        return
    made = known[0] if known else client.create_run(group, run_name=point.name, tags=tags)
    run = made.info.run_id
    for key, value in point.values.items():
        client.log_param(run, key, value)
    client.log_metric(run, f"{metric}_mean_of_some_pages", fmean(point.rates))
    client.log_metric(run, "pages_looked_at", len(point.rates))
    client.set_terminated(run, "KILLED")


def _tags(sweep: Sweep, results: Sequence[Result], points: str) -> Mapping[str, str]:
    grid = {f"sweep.{key}": ", ".join(values) for key, values in sweep.grid.items()}
    return {POINTS_TAG: points, "sweep.best": results[0].name, **grid}


def _warn(text: str) -> None:
    print(f"sweep: warning: {text}", file=sys.stderr)
