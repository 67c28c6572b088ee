"""python -m compare A B: is B better than A? A paired bootstrap and a sign-flip test over pages."""

import argparse
import sys

from compare.pairs import compare
from compare.report import render
from compare.step import changed_since_run
from compare.tables import WORKSPACE, read_table
from stages.running.runner import run_command, say


def main() -> None:
    """Print how the scores of two revisions, experiments or runs differ, and on which pages."""
    parser = argparse.ArgumentParser(prog="python -m compare", description=__doc__)
    known = "a commit, tag, branch, DVC experiment, MLflow run id, or workspace"
    parser.add_argument("first", metavar="A", help=known)
    parser.add_argument("second", metavar="B", help="the same; the verdict is on this one")
    arguments = parser.parse_args()

    def command() -> None:
        names = (arguments.first, arguments.second)
        comparison = compare(*map(read_table, names))
        if WORKSPACE in names and (changed := changed_since_run()):
            told = f"{WORKSPACE}: metrics/ is out of step with {changed}; run `dvc repro` first"
            print(f"compare: warning: {told}", file=sys.stderr)
        say(render(comparison))

    run_command("compare", command)


if __name__ == "__main__":
    main()
