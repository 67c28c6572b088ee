"""python -m sweep: try a grid of settings as DVC experiments, and say which is best.

Started again, it runs only the points that have no result yet. With --search Optuna chooses the
points, and those that are clearly worse on a few pages are given up.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from stages.config.secrecy import without_secrets
from stages.errors import UserError
from stages.running.runner import run_command
from sweep import queue
from sweep.grid import run_grid
from sweep.known import check_known
from sweep.presets import DEFAULT, METRIC, Sweep, check_metric, given, named
from sweep.search import run_search


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


def main() -> None:
    """Sweep; the exit code is 1 if a point failed."""
    parser = argparse.ArgumentParser(prog="python -m sweep", description=__doc__)
    parser.add_argument(
        "grid", nargs="*", help=f"a preset of conf/sweep/ ({DEFAULT}), or key=value,value ..."
    )
    parser.add_argument("--metric", help=f"error rate to sort by (the preset's, or {METRIC})")
    parser.add_argument(
        "--jobs", type=int, default=1, help="points at once, when the first has ended"
    )
    parser.add_argument("--search", type=int, metavar="N", help="try N points that Optuna chooses")
    parser.add_argument("--seed", type=int, default=0, help="of the search")
    arguments = parser.parse_args()

    def command() -> None:
        if arguments.jobs < 1:
            raise UserError(f"--jobs {arguments.jobs}: at least 1")
        if arguments.search is not None and (arguments.search < 1 or arguments.jobs > 1):
            raise UserError("--search takes a number of points, at least 1; they run one by one")
        if arguments.seed < 0:
            raise UserError(f"--seed {arguments.seed}: at least 0")
        try:
            sweep = chosen(arguments.grid, arguments.metric)
            check_known()
            if arguments.search is None:
                failed = run_grid(sweep, arguments.jobs)
            else:
                failed = run_search(sweep, arguments.search, arguments.seed)
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
