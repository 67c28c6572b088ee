"""`python -m training.confusions`: which characters the recogniser reads for which, as a table.

Renders lines in the fonts it was trained with, reads them, and counts the edits from what was read
to what was written; the channel corrector takes from the table what else a character can be where
the recogniser names no alternatives. The fonts held out and all real pens are left for measuring.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from stages.config.composition import load
from stages.correct.confusions import TABLE
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.reader import Reader
from stages.running.runner import run_command
from training.evaluate import render_lines
from training.settings import positive

SEED = 5


def count(pairs: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Edits from read to written texts, as (read, written); "" where one of both has nothing.

    Args:
        pairs: read and written lines.
    """
    edits: Counter[tuple[str, str]] = Counter()
    for read, written in pairs:
        for edit in Levenshtein.editops(read, written):
            was = "" if edit.tag == "insert" else read[edit.src_pos]
            edits[was, "" if edit.tag == "delete" else written[edit.dest_pos]] += 1
    return edits


def as_table(edits: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """The counts as read -> written -> count, in the order of the characters."""
    table: dict[str, dict[str, int]] = {}
    for (read, written), number in sorted(edits.items()):
        table.setdefault(read, {})[written] = number
    return table


def main() -> None:
    """Write the table for the checkpoint of conf/."""
    parser = argparse.ArgumentParser(prog="python -m training.confusions", description=__doc__)
    parser.add_argument("--count", type=positive, default=3000, help="lines to render")
    parser.add_argument("--out", type=Path, default=TABLE)
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)  # before minutes of work
    settings = load(["recognize.num_beams=1", "recognize.n_best=1"]).recognize
    lines = render_lines("train", given.count, False, True, SEED)
    read = [
        found[0].text for found in Reader(load_checkpoint(settings), settings).read(lines.crops)
    ]
    edits = count(zip(read, lines.texts, strict=True))
    given.out.write_text(json.dumps(as_table(edits), indent=0) + "\n", encoding="utf-8")
    print(f"{given.out}: {sum(edits.values())} edits in {sum(map(len, lines.texts))} characters")


if __name__ == "__main__":
    run_command("training.confusions", main)
