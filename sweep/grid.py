"""A grid as DVC experiments: each point that has no result yet is queued and run."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from stages.files import write_text
from sweep import queue
from sweep.drive import drive, to_stderr
from sweep.parent import GivenUp, group_runs
from sweep.plot import draw
from sweep.presets import GIVEN, Point, Sweep, points
from sweep.table import Result, csv_text, ranked, read_scores, read_seconds, table
from sweep.warm import kept_for

FOLDER = Path("sweeps")


def file_of(sweep: Sweep, suffix: str) -> Path:
    """Where a sweep's table or picture lies: grids of the command line have a file each."""
    if sweep.name != GIVEN:
        return FOLDER / f"{sweep.name}{suffix}"
    ranges = {key: str(values) for key, values in sweep.ranges.items()}
    tried = repr((sorted(sweep.grid.items()), sorted(ranges.items())))
    return FOLDER / f"{GIVEN}-{hashlib.sha256(tried.encode()).hexdigest()[:8]}{suffix}"


def experiment_names(sweep: Sweep, asked: Sequence[Point]) -> dict[str, Point]:
    """The points by the names of their experiments: what is there already keeps its name."""
    checkpoints = {point.params.recognize.checkpoint for point in asked}
    sources = {checkpoint: queue.sources(checkpoint) for checkpoint in checkpoints}
    known = {name.rpartition("-")[2]: name for name in [*queue.states(), *queue.experiments()]}
    digests = [
        queue.digest(point.params, sources[point.params.recognize.checkpoint]) for point in asked
    ]
    names = [known.get(digest, f"{sweep.name}-{digest}") for digest in digests]
    return dict(zip(names, asked, strict=True))


def put_missing(wanted: dict[str, Point]) -> list[str]:
    """Queue what neither has a result nor waits or runs; the names of all that are to come."""
    states, done = queue.states(), queue.experiments()
    missing = [name for name in wanted if name not in done]
    if not queue.workers():
        lost = [name for name in missing if states.get(name) == "Running"]
        queue.give_up(lost)
        states |= dict.fromkeys(lost, "Failed")
    again = [name for name in missing if states.get(name) not in ("Queued", "Running")]
    queue.remove([name for name in again if name in states])
    if again:
        queue.put({name: wanted[name] for name in again})
    print(
        f"sweep: {len(wanted)} points: {len(wanted) - len(missing)} have a result, "
        f"{len(missing) - len(again)} were queued, {len(again)} are new",
        file=sys.stderr,
    )
    return missing


def run_grid(sweep: Sweep, jobs: int) -> list[str]:
    """Run what has no result yet, print the table, write the picture; the names that failed."""
    wanted = experiment_names(sweep, points(sweep))
    whole = hashlib.sha256(" ".join(sorted(wanted)).encode()).hexdigest()[:8]
    seconds = read_seconds(file_of(sweep, ".csv"))
    to_run = wanted.keys() - queue.experiments().keys()
    with kept_for(sweep) if to_run else nullcontext():  # loads the stages while points are queued
        if missing := put_missing(wanted):
            seconds |= drive(missing, jobs, queue, to_stderr(len(missing)))
    conclude(sweep, wanted, seconds, whole)
    done = queue.experiments()
    return [name for name in wanted if name not in done]


def conclude(
    sweep: Sweep,
    wanted: Mapping[str, Point],
    seconds: Mapping[str, float],
    whole: str,
    given_up: Sequence[GivenUp] = (),
) -> None:
    """Show the points that have a result, and make their MLflow runs children of one.

    Args:
        wanted: points by the names of their experiments.
        seconds: how long experiments ran, as far as it is known.
        whole: what names the sweep's points as a whole.
        given_up: points without a result that a search looked at.
    """
    done = queue.experiments()
    results = ranked(
        [
            Result(name, point.values, read_scores(name, done[name]), seconds.get(name))
            for name, point in wanted.items()
            if name in done
        ],
        sweep.metric,
    )
    if results:
        report(sweep, results)
        settings = next(iter(wanted.values())).params.evaluate
        if settings.track:
            group_runs(sweep, results, whole, settings.experiment, given_up)


def report(sweep: Sweep, results: Sequence[Result]) -> None:
    """Print the ranked results and what to do with the best; write the CSV and the picture."""
    picture = file_of(sweep, ".svg")
    shown = {
        file_of(sweep, ".csv"): csv_text(results, sweep.metric),
        picture: draw(results, sweep.metric, f"{sweep.name}: {sweep.metric}"),
    }
    for path, text in shown.items():
        for place in {path, path.with_stem(sweep.name)}:  # grid.csv is that of the last one
            write_text(place, text)
    print(table(results, sweep.metric))
    trained = [result.name for result in results if "essay_pages_trained_on" in result.scores]
    if trained:
        flattered = "a recogniser that was trained on some of these essays, which flatters it"
        print(f"\n{', '.join(trained)}: {flattered}; `make compare` leaves them out")
    if results[0].rate(sweep.metric) is None:
        print(f"\nno point has a {sweep.metric}: transcribe pages, in data/transcriptions")
        return
    best = results[0].name
    print(f"\npicture: {picture}")
    print(f"take the first: dvc exp apply {best} (and write its settings into conf/)")
    print(f"is it better, or chance? make compare A=HEAD B={best}")
