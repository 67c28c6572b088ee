"""python -m figures: the figures in the pages of `DOCUMENTS`, from what was measured.

With --check nothing is written: the exit code is 1 if a page is not in step.
"""

import argparse
import json
import re
from pathlib import Path

from bench.correction import Table
from bench.keying import Keying
from bench.pages import Result
from compare.report import label
from figures.blocks import fill
from figures.texts import PAGES, all_blocks
from stages.errors import UserError
from stages.evaluate.scores import HEADLINE, Scores, short
from stages.evaluate.summary import SCORES
from stages.pages.stored import read_record
from stages.running.runner import run_command

DOCUMENTS = tuple(
    map(Path, ("README.md", "bench/README.md", "docs/experiments.md", "docs/transcribing.md"))
)
RESULTS = Path("bench/results")
ROUNDED = 0.0051  # percentage points: a comparison has two decimals
CORRECTORS = RESULTS / "correctors.json"
COMPARISON = RESULTS / "comparison.txt"
KEYING = RESULTS / "transcribing.json"
MEASURED_PAGES = {name: RESULTS / f"{name}.json" for name in PAGES if name != "samples"}
COMMANDS = {
    SCORES: "dvc repro",
    CORRECTORS: f"python -m bench.correctors --save {CORRECTORS}",
    COMPARISON: "dvc exp run --temp -f -n bare -S correct=none && "
    f"python -m compare HEAD bare > {COMPARISON}",
    KEYING: f"python -m bench.transcribing --save {KEYING}",
} | {path: f"python -m bench.pages FOLDER --save {path}" for path in MEASURED_PAGES.values()}


def measured() -> dict[str, str]:
    """All blocks, from the files that hold what was measured.

    Raises:
        UserError: one of them is not there, or lacks a score.
    """
    for path, command in COMMANDS.items():
        if not path.is_file():
            raise UserError(f"{path}: not there; run `{command}` to make it")
    samples = short(json.loads(SCORES.read_text(encoding="utf-8")))
    try:
        return all_blocks(
            samples,
            {name: read_record(path, Result) for name, path in MEASURED_PAGES.items()},
            read_record(CORRECTORS, Table),
            COMPARISON.read_text(encoding="utf-8"),
            read_record(KEYING, Keying),
        )
    except KeyError as error:
        raise UserError(
            f"no score {error} in {SCORES} or {RESULTS}: the documents need transcribed pages"
        ) from None


def check_comparison(comparison: str, scores: Scores) -> None:
    """Whether what was compared, column A, are these scores of the sample pages.

    Raises:
        UserError: they are others.
    """
    for score in HEADLINE:
        row = re.search(rf"^{label(score)} +([\d.]+) ", comparison, re.M)
        if not row or abs(float(row[1]) - 100 * float(scores[score])) > ROUNDED:
            raise UserError(
                f"{COMPARISON}: {label(score)} in A is not that of {SCORES}; commit that, then "
                f"`{COMMANDS[COMPARISON]}`, then `make figures`"
            )


def update(check: bool) -> None:
    """Write the blocks of every document, or with `check` only say which are behind.

    Raises:
        UserError: with `check`, a document is not in step with what was measured, or the
            comparison is one of other scores.
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
    if check:
        comparison = COMPARISON.read_text(encoding="utf-8")
        check_comparison(comparison, json.loads(SCORES.read_text(encoding="utf-8")))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m figures", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    run_command("figures", lambda: update(arguments.check))


if __name__ == "__main__":
    main()
