"""python -m sweep: try a grid of settings as DVC experiments, and say which is best.

Started again, it runs only the points that have no result yet.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stages.errors import UserError
from stages.runner import run_command
from stages.secrecy import without_secrets
from sweep import queue
from sweep.drive import drive, to_stderr
from sweep.parent import group_runs
from sweep.plot import draw
from sweep.presets import DEFAULT, METRIC, Point, Sweep, check_metric, given, named, points
from sweep.table import Result, ranked, read_scores, read_seconds, table, write_csv

FOLDER = Path("sweeps")


def chosen(grid: Sequence[str], metric: str | None) -> Sweep:
    """The sweep that the command line asks for.

    Raises:
        UserError: a preset or an override is at fault, or the metric is no error rate.
    """
    overrides = [word for word in grid if "=" in word]
    if overrides and len(overrides) < len(grid):
        raise UserError("give one preset, or only key=value,value; not both")
    if len(grid) > 1 and not overrides:
        raise UserError(f"{' '.join(grid)}: one preset at a time")
    sweep = given(overrides) if overrides else named(grid[0] if grid else DEFAULT)
    if metric is None:
        return sweep
    try:
        check_metric(metric)
    except ValueError as error:
        raise UserError(f"--metric {metric}: {error}") from None
    return replace(sweep, metric=metric)


def experiment_names(sweep: Sweep, asked: Sequence[Point]) -> dict[str, Point]:
    """The points by the names of their experiments: what is there already keeps its name."""
    sources = queue.sources()
    known = {name.rpartition("-")[2]: name for name in [*queue.states(), *queue.experiments()]}
    digests = [queue.digest(point.params, sources) for point in asked]
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
    for name in again:
        queue.put(name, wanted[name])
    print(
        f"sweep: {len(wanted)} points: {len(wanted) - len(missing)} have a result, "
        f"{len(missing) - len(again)} were queued, {len(again)} are new",
        file=sys.stderr,
    )
    return missing


def run(sweep: Sweep, jobs: int) -> list[str]:
    """Run what has no result yet, print the table, write the picture; the names that failed."""
    wanted = experiment_names(sweep, points(sweep))
    whole = hashlib.sha256(" ".join(sorted(wanted)).encode()).hexdigest()[:8]
    seconds = read_seconds(FOLDER / f"{sweep.name}.csv")
    missing = put_missing(wanted)
    seconds |= drive(missing, jobs, queue, to_stderr(len(missing))) if missing else {}
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
            group_runs(sweep, results, whole, settings.experiment)
    return [name for name in wanted if name not in done]


def report(sweep: Sweep, results: Sequence[Result]) -> None:
    """Print the ranked results and what to do with the best; write the CSV and the picture."""
    FOLDER.mkdir(exist_ok=True)
    write_csv(results, sweep.metric, FOLDER / f"{sweep.name}.csv")
    picture = FOLDER / f"{sweep.name}.svg"
    draw(results, sweep.metric, f"{sweep.name}: {sweep.metric}", picture)
    print(table(results, sweep.metric))
    if results[0].rate(sweep.metric) is None:
        print(f"\nno point has a {sweep.metric}: transcribe pages, in data/transcriptions")
        return
    best = results[0].name
    print(f"\npicture: {picture}")
    print(f"take the first: dvc exp apply {best}")
    print(f"is it better, or chance? make compare A=HEAD B={best}")


def main() -> None:
    """Sweep; the exit code is 1 if a point failed."""
    parser = argparse.ArgumentParser(prog="python -m sweep", description=__doc__)
    parser.add_argument(
        "grid", nargs="*", help=f"a preset of conf/sweep/ ({DEFAULT}), or key=value,value ..."
    )
    parser.add_argument("--metric", help=f"error rate to sort by (the preset's, or {METRIC})")
    parser.add_argument("--jobs", type=int, default=1, help="points at once")
    arguments = parser.parse_args()

    def command() -> None:
        if arguments.jobs < 1:
            raise UserError(f"--jobs {arguments.jobs}: at least 1")
        try:
            failed = run(chosen(arguments.grid, arguments.metric), arguments.jobs)
        except KeyboardInterrupt:
            stop()
        for name in failed:
            end = without_secrets(queue.log_end(name))
            print(f"\nsweep: {name} failed:\n{end}", file=sys.stderr)
        if failed:
            raise UserError(f"{len(failed)} failed; the same command tries them again")

    run_command("sweep", command)


def stop() -> None:
    """End with exit code 130, leaving the queue as it is."""
    queue.stop_workers()
    print(
        "\nsweep: interrupted; what runs now runs to its end (`dvc queue kill NAME` ends it), the "
        "rest stays queued: the same command goes on, `dvc queue remove --queued` drops it",
        file=sys.stderr,
    )
    sys.exit(130)


if __name__ == "__main__":
    main()
