"""A search instead of a grid: Optuna chooses the points, and gives up those that are no good.

The points come from its TPE sampler (J. Bergstra and others, 2011). Each is first tried on a few
transcribed pages: it is given up where Wilcoxon's signed-rank test over these pages, against the
best point so far, says that it is worse (p below 0.1: four pages of four). What is not given up
becomes a DVC experiment, as a point of a grid does. The study lies in sweeps/search.db.
"""

import csv
import hashlib
import io
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import dvc.api
import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial, Trial, TrialState

from stages.errors import UserError
from stages.evaluate.summary import PAGES_TABLE
from stages.pages.scans import list_pages
from sweep import queue
from sweep.drive import drive, to_stderr
from sweep.grid import FOLDER, conclude, experiment_names, put_missing
from sweep.presets import Point, Range, Sweep, point_of, written
from sweep.scout import FIRST_PAGES, Rates, batches, scout, transcribed_scans
from sweep.table import read_scores, read_seconds
from sweep.warm import kept_for

EXPERIMENT = "experiment"
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
DIGITS = 6

# The metric of a point, or None if it failed; raises TrialPruned.
Try = Callable[[Trial, Point], float | None]


def open_study(sweep: Sweep, seed: int, data: str, folder: Path) -> optuna.Study:
    """The study of this search, new or as it was left.

    Args:
        data: what the scores follow from besides settings; where it changes, a study begins.
        folder: where `search.db` lies.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", ExperimentalWarning)
    folder.mkdir(exist_ok=True)
    ranges = {key: str(values) for key, values in sweep.ranges.items()}
    whole = repr((sorted(sweep.grid.items()), sorted(ranges.items()), sweep.metric, seed, data))
    return optuna.create_study(
        storage=f"sqlite:///{folder}/search.db",
        study_name=f"{sweep.name}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}",
        direction="minimize",
        pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1, n_startup_steps=FIRST_PAGES),
        load_if_exists=True,
    )


def search(study: optuna.Study, sweep: Sweep, count: int, seed: int, attempt: Try) -> None:
    """Try points until `count` of the study are done or have failed just now.

    What comes next follows from the seed and from what is done: a search that was killed takes up
    the point that it was at, and goes on as if nothing had happened. A point that comes again is
    not tried again.

    Raises:
        UserError: a key or a value is none of the settings'.
    """
    for lost in study.get_trials(states=[TrialState.RUNNING]):
        study.tell(lost.number, state=TrialState.FAIL)
        study.enqueue_trial(lost.params)
    failed = 0
    while (spent := len(study.get_trials(states=DONE)) + failed) < count:
        study.sampler = optuna.samplers.TPESampler(seed=(seed * 10_000 + spent) % 2**32)
        trial = study.ask()
        point = point_of(suggest(trial, sweep))
        again = [t for t in study.get_trials(states=DONE) if t.params == trial.params]
        try:
            value = _repeat(trial, again[0]) if again else attempt(trial, point)
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
            continue
        failed += value is None
        study.tell(trial, value, state=TrialState.FAIL if value is None else TrialState.COMPLETE)


def suggest(trial: Trial, sweep: Sweep) -> dict[str, str]:
    """The trial's values as Hydra writes them, by key."""
    listed = {key: trial.suggest_categorical(key, values) for key, values in sweep.grid.items()}
    drawn = {key: written(_number(trial, key, values)) for key, values in sweep.ranges.items()}
    return {**listed, **drawn}


def _number(trial: Trial, key: str, values: Range) -> int | float:
    low, high, step = values.low, values.high, values.step
    if isinstance(low, int) and isinstance(high, int) and isinstance(step, int | None):
        return trial.suggest_int(key, low, high, step=step or 1, log=values.log)
    return float(f"{trial.suggest_float(key, low, high, step=step, log=values.log):.{DIGITS}g}")


def _repeat(trial: Trial, before: FrozenTrial) -> float | None:
    """The result of a trial with the same values."""
    for step, rate in before.intermediate_values.items():
        trial.report(rate, step)
    if before.state == TrialState.PRUNED:
        raise optuna.TrialPruned
    trial.set_user_attr(EXPERIMENT, before.user_attrs[EXPERIMENT])
    return before.value


def report_pages(trial: Trial, rates: Rates, pages: Mapping[str, int]) -> None:
    """Tell Optuna the metric of pages, each page under its number."""
    known = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values
    for page, rate in rates.items():
        if pages[page] not in known:
            trial.report(rate, pages[page])


def run_search(sweep: Sweep, count: int, seed: int) -> list[str]:
    """Search, then print the table and write the picture; the names that failed."""
    study = open_study(sweep, seed, queue.sources(), FOLDER)
    pages = {page.page: number for number, page in enumerate(list_pages())}
    looks = batches(transcribed_scans(), seed)
    seconds = read_seconds(FOLDER / f"{sweep.name}.csv")
    failed: list[str] = []

    def attempt(trial: Trial, point: Point) -> float | None:
        [name] = experiment_names(sweep, [point])
        trial.set_user_attr(EXPERIMENT, name)
        _say(f"{trial.number + 1}: {' '.join(point.overrides())}")
        if name not in queue.experiments():
            seen: Rates = {}
            with closing(scout(point.params, sweep.metric, looks)) as scouted:
                for rates in scouted:
                    seen |= rates
                    report_pages(trial, rates, pages)
                    if trial.should_prune():
                        mean = sum(seen.values()) / len(seen)
                        _say(
                            f"given up: on {len(seen)} pages the mean {sweep.metric} is {mean:.4f}"
                        )
                        raise optuna.TrialPruned
            seconds.update(drive(put_missing({name: point}), 1, queue, to_stderr(1)))
        commit = queue.experiments().get(name)
        if commit is None:
            failed.append(name)
            return None
        report_pages(trial, page_rates(commit, sweep.metric), pages)
        if (rate := read_scores(name, commit).get(sweep.metric)) is None:
            raise UserError(
                f"no page has a {sweep.metric}: transcribe pages, in data/transcriptions"
            )
        return float(rate)

    with kept_for(sweep):
        search(study, sweep, count, seed, attempt)
    done = study.get_trials(states=[TrialState.COMPLETE])
    wanted = {t.user_attrs[EXPERIMENT]: point_of(_values(t, sweep)) for t in done}
    conclude(sweep, wanted, seconds, study.study_name)
    pruned = study.get_trials(states=[TrialState.PRUNED])
    given_up = {tuple(_values(t, sweep).values()) for t in pruned}
    print(f"\nsearched: {len(wanted)} points to the end, {len(given_up)} given up after some pages")
    return failed


def _values(trial: FrozenTrial, sweep: Sweep) -> dict[str, str]:
    return suggest(optuna.trial.FixedTrial(trial.params), sweep)  # type: ignore[arg-type]


def page_rates(commit: str, metric: str) -> Rates:
    """The metric of every page of an experiment that has one."""
    text = dvc.api.read(PAGES_TABLE.as_posix(), rev=commit, encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["page"]: float(row[metric]) for row in rows if row.get(metric)}


def _say(text: str) -> None:
    print(f"sweep: {text}", file=sys.stderr)
