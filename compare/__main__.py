"""python -m compare A B: is B better than A? A paired bootstrap over pages."""

import argparse

from compare.pairs import compare
from compare.report import render
from compare.tables import read_table
from stages.running.runner import run_command


def main() -> None:
    """Print how the scores of two revisions, experiments or runs differ, and on which pages."""
    parser = argparse.ArgumentParser(prog="python -m compare", description=__doc__)
    known = "a commit, tag, branch, DVC experiment, MLflow run id, or workspace"
    parser.add_argument("first", metavar="A", help=known)
    parser.add_argument("second", metavar="B", help="the same; the verdict is on this one")
    arguments = parser.parse_args()

    def command() -> None:
        print(render(compare(read_table(arguments.first), read_table(arguments.second))))

    run_command("compare", command)


if __name__ == "__main__":
    main()
