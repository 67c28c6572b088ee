"""python -m figures: the figures in the pages of `DOCUMENTS`, from what was measured.

With --check nothing is written: the exit code is 1 if a page is not in step.
"""

import argparse
import json
from pathlib import Path

from bench.correction import Table
from bench.pages import Result
from figures.blocks import fill
from figures.texts import PAGES, all_blocks
from stages.errors import UserError
from stages.evaluate.scores import short
from stages.evaluate.summary import SCORES
from stages.running.runner import read_record, run_command

DOCUMENTS = (Path("README.md"), Path("bench/README.md"), Path("docs/experiments.md"))
RESULTS = Path("bench/results")
CORRECTORS = RESULTS / "correctors.json"
COMPARISON = RESULTS / "comparison.txt"


def measured() -> dict[str, str]:
    """All blocks, from the files that hold what was measured.

    Raises:
        UserError: one of them is not there, or lacks a score.
    """
    paths = {name: RESULTS / f"{name}.json" for name in PAGES if name != "samples"}
    if not SCORES.is_file():
        raise UserError(f"{SCORES}: not there yet; run `dvc repro` to make it")
    if not CORRECTORS.is_file():
        raise UserError(
            f"{CORRECTORS}: not there; `python -m bench.correctors --save {CORRECTORS}`"
        )
    if not COMPARISON.is_file():
        raise UserError(f"{COMPARISON}: not there; `python -m compare HEAD NAME > {COMPARISON}`")
    for path in paths.values():
        if not path.is_file():
            raise UserError(f"{path}: not there; `python -m bench.pages FOLDER --save {path}`")
    samples = short(json.loads(SCORES.read_text(encoding="utf-8")))
    try:
        results = {name: read_record(path, Result) for name, path in paths.items()}
        comparison = COMPARISON.read_text(encoding="utf-8")
        return all_blocks(samples, results, read_record(CORRECTORS, Table), comparison)
    except KeyError as error:
        raise UserError(
            f"no score {error} in {SCORES} or {RESULTS}: the READMEs need transcribed pages"
        ) from None


def update(check: bool) -> None:
    """Write the blocks of every document, or with `check` only say which are behind.

    Raises:
        UserError: with `check`, a document is not in step with what was measured.
    """
    blocks = measured()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        filled = fill(text, blocks)
        if check and filled != text:
            raise UserError(f"{path}: not in step with {SCORES} and {RESULTS}; run `make figures`")
        if filled != text:
            path.write_text(filled, encoding="utf-8")
            print(f"{path}: written")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m figures", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    run_command("figures", lambda: update(arguments.check))


if __name__ == "__main__":
    main()
