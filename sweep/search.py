"""A search instead of a grid: Optuna chooses the points, and gives up those that are no good.

The points come from its TPE sampler (J. Bergstra and others, 2011). Each is first tried on a few
transcribed pages: it is given up where Wilcoxon's signed-rank test over these pages, against the
best point so far, says that it is worse (p below 0.1: four pages of four). What is not given up
becomes a DVC experiment, as a point of a grid does. The study lies in sweeps/search.db.
"""

import csv
import hashlib
import io
import math
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import dvc.api
import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from stages.errors import UserError, first_line
from stages.evaluate.summary import PAGES_TABLE
from stages.pages.scans import list_pages
from sweep import queue
from sweep.drive import drive, to_stderr
from sweep.grid import FOLDER, conclude, experiment_names, file_of, put_missing
from sweep.parent import GivenUp
from sweep.presets import Point, Sweep, point_of, written
from sweep.ranges import Range
from sweep.scout import FIRST_PAGES, Rates, batches, scout, transcribed_scans
from sweep.table import read_scores, read_seconds
from sweep.warm import kept_for

EXPERIMENT = "experiment"
STUDIES = "search.db"
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
DIGITS = 6

# The metric of a point, or None if it failed; raises TrialPruned.
Try = Callable[[Trial, Point], float | None]


def open_study(
    sweep: Sweep, seed: int, data: str, pages: Sequence[str], folder: Path
) -> optuna.Study:
    """The study of this search, new or as it was left.

    Args:
        data: what the scores follow from besides settings and pages, both those that vary and the
            others; where one of all these changes, a study begins.
        pages: their names; rates are kept under their numbers.
        folder: where `STUDIES` lies.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", ExperimentalWarning)
    folder.mkdir(exist_ok=True)
    ranges = {key: str(values) for key, values in sweep.ranges.items()}
    space = sorted(sweep.grid.items()), sorted(ranges.items())
    others = point_of({}).params.model_dump_json()
    whole = repr((*space, sweep.metric, seed, data, others, list(pages)))
    return optuna.create_study(
        storage=f"sqlite:///{folder}/{STUDIES}",
        study_name=f"{sweep.name}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}",
        direction="minimize",
        pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1, n_startup_steps=FIRST_PAGES),
        load_if_exists=True,
    )


def search(study: optuna.Study, sweep: Sweep, count: int, seed: int, attempt: Try) -> None:
    """Try points until `count` of the study are done or have failed just now, or all there are.

    What comes next follows from the seed and from what is done: a search that was killed takes up
    the point that it was at, and goes on as if nothing had happened. A point that comes again is
    not tried again, and does not count; the next is drawn at random.

    Raises:
        UserError: a key or a value is none of the settings'.
    """
    for lost in study.get_trials(states=[TrialState.RUNNING]):
        study.tell(lost.number, state=TrialState.FAIL)
        study.enqueue_trial(lost.params)
    failed = 0
    wanted = min(count, size(sweep))
    while len(first := _first(done := study.get_trials(states=DONE))) + failed < wanted:
        came_again = bool(done) and first[_values_of(done[-1])] is not done[-1]
        study.sampler = _sampler(seed * 10_000 + len(done) + failed, came_again)
        trial = study.ask()
        point = point_of(suggest(trial, sweep))
        before = first.get(_values_of(trial))
        try:
            value = _repeat(trial, before) if before else attempt(trial, point)
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
            continue
        failed += value is None
        study.tell(trial, value, state=TrialState.FAIL if value is None else TrialState.COMPLETE)


def size(sweep: Sweep) -> float:
    """How many points there are to try; infinity where a range has all numbers."""
    lists = [len(set(values)) for values in sweep.grid.values()]
    return math.prod([*lists, *(values.count for values in sweep.ranges.values())])


def _first(trials: Sequence[FrozenTrial]) -> dict[str, FrozenTrial]:
    """The first trial of every point."""
    return {_values_of(trial): trial for trial in reversed(trials)}


def _values_of(trial: Trial | FrozenTrial) -> str:
    return repr(sorted(trial.params.items()))


def _sampler(seed: int, at_random: bool) -> optuna.samplers.BaseSampler:
    """TPE would propose what it has found good again and again, in a small space."""
    if at_random:
        return optuna.samplers.RandomSampler(seed % 2**32)
    return optuna.samplers.TPESampler(seed=seed % 2**32)


def suggest(trial: Trial, sweep: Sweep) -> dict[str, str]:
    """The trial's values as Hydra writes them, by key."""
    listed = {key: trial.suggest_categorical(key, values) for key, values in sweep.grid.items()}
    drawn = {key: written(_number(trial, key, values)) for key, values in sweep.ranges.items()}
    return {**listed, **drawn}


def _number(trial: Trial, key: str, values: Range) -> int | float:
    low, high, step = values.low, values.high, values.step
    if values.whole:
        return trial.suggest_int(key, int(low), int(high), step=int(step or 1), log=values.log)
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


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Tell in one line that Optuna's file is none any more.

    Raises:
        UserError: it is damaged.
    """
    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        fault = first_line(error.__cause__ or error)
        raise UserError(
            f"{file}: cannot be used ({fault}); move it away and the search begins anew: points "
            "that have a result are not run again"
        ) from None


def run_search(sweep: Sweep, count: int, seed: int) -> list[str]:
    """Search, then print the table and write the picture; the names that failed.

    Raises:
        UserError: as `search` and `readable`, or no page has the metric.
    """
    with readable(FOLDER / STUDIES):
        return _run_search(sweep, count, seed)


def _sources(sweep: Sweep) -> str:
    """Code, data and checkpoints, as far as they are named in the space."""
    listed = [name.strip("'\"") for name in sweep.grid.get("recognize.checkpoint", [])]
    named = {point_of({}).params.recognize.checkpoint, *listed}
    return " ".join(map(queue.sources, sorted(named)))


def _run_search(sweep: Sweep, count: int, seed: int) -> list[str]:
    pages = {page.page: number for number, page in enumerate(list_pages())}
    study = open_study(sweep, seed, _sources(sweep), list(pages), FOLDER)
    looks = batches(transcribed_scans(), seed)
    seconds = read_seconds(file_of(sweep, ".csv"))
    failed: list[str] = []
    if (every := size(sweep)) < count:
        _say(f"there are no more than {every:.0f} points to try")

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
    pruned = _first(study.get_trials(states=[TrialState.PRUNED])).values()
    given_up = [_given_up(trial, sweep) for trial in pruned]
    without = [point for point in given_up if point.name not in queue.experiments()]
    conclude(sweep, wanted, seconds, study.study_name, without)
    print(f"\nsearched: {len(wanted)} points to the end, {len(given_up)} given up after some pages")
    return failed


def _values(trial: FrozenTrial, sweep: Sweep) -> dict[str, str]:
    return suggest(optuna.trial.FixedTrial(trial.params), sweep)  # type: ignore[arg-type]


def _given_up(trial: FrozenTrial, sweep: Sweep) -> GivenUp:
    rates = list(trial.intermediate_values.values())
    return GivenUp(trial.user_attrs[EXPERIMENT], _values(trial, sweep), rates)


def page_rates(commit: str, metric: str) -> Rates:
    """The metric of every page of an experiment that has one."""
    text = dvc.api.read(PAGES_TABLE.as_posix(), rev=commit, encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["page"]: float(row[metric]) for row in rows if row.get(metric)}


def _say(text: str) -> None:
    print(f"sweep: {text}", file=sys.stderr)
