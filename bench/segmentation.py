"""python -m bench.segmentation (FOLDER | --generated N | --stacked LINES.tsv): are the lines found?

Scores the segmentation that conf/ and the overrides set, one row a threshold, on pages with label
maps: DR, RA and FM of the ICDAR 2013 contest at two MatchScores; on all pages: how many have the
right number of lines, the line count error, seconds a page on one thread; with --read also the
character error rate of what recognize reads from the lines. With --changed every page is first
turned, scaled, made noisy or ruled. With --stacked the pages are single real lines, each writer's
set below one another, --pitch letter heights apart.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import jiwer
import numpy as np
import torch

from bench.changes import CHANGES
from bench.labelled import Labelled, generated_pages, pages_in
from bench.matching import Matches, match
from bench.stacked import stacked_pages
from stages.config.composition import load
from stages.config.settings import Params
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.reader import Reader
from stages.running.runner import run_command
from stages.segment.crops import cut_lines, segmentations
from training.settings import above_zero

STRICT, LOOSE = 0.95, 0.75


@dataclass
class Row:
    """What one threshold did on all pages."""

    strict: Matches = field(default_factory=Matches)
    loose: Matches = field(default_factory=Matches)
    pages: int = 0
    right: int = 0
    count_error: int = 0
    seconds: float = 0.0
    texts: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)


def score(pages: Iterator[Labelled], params: Params, reader: Reader | None) -> dict[float, Row]:
    """A row for each threshold."""
    rows: dict[float, Row] = defaultdict(Row)
    for page in pages:
        expected = len(page.essay)
        for threshold in params.segment.thresholds:
            row = rows[threshold]
            settings = params.segment.model_copy(update={"thresholds": [threshold]})
            started = time.perf_counter()
            found = next(iter(segmentations(page.region, settings)), None)
            cut = list(cut_lines(page.region, (0, 0), found, settings)) if found else []
            row.seconds += time.perf_counter() - started
            if page.labels is not None:
                territory = found.territory if found else np.zeros_like(page.labels)
                row.strict += match(page.labels, territory, STRICT)
                row.loose += match(page.labels, territory, LOOSE)
                expected = len(set(page.labels[page.labels > 0].tolist()))
            row.pages += 1
            row.right += len(cut) == expected
            row.count_error += abs(len(cut) - expected)
            if reader:
                read = reader.read([crop for _, crop in cut])
                row.texts.append(" ".join(page.essay))
                row.readings.append(" ".join(ranked[0].text for ranked in read))
    return rows


def report(rows: dict[float, Row], method: str) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| segmentation | matched | DR | RA | FM(0.95) | FM(0.75) | right count | lines off "
        "| seconds a page | CER |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for threshold, row in rows.items():
        strict = row.strict
        cer = f"{jiwer.cer(row.texts, row.readings):.1%}" if row.texts else "-"
        lines.append(
            f"| {method}@{threshold:g} | {strict.matched} of {strict.labelled} "
            f"| {strict.detection_rate:.3f} | {strict.recognition_accuracy:.3f} "
            f"| {strict.f_measure:.3f} | {row.loose.f_measure:.3f} "
            f"| {row.right} of {row.pages} | {row.count_error} "
            f"| {row.seconds / max(1, row.pages):.2f} | {cer} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.segmentation", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, nargs="?", help="one folder a page")
    parser.add_argument("--generated", type=int, metavar="N", help="N pages of the generator")
    parser.add_argument("--seed", type=int, default=5, help="of the generated pages")
    parser.add_argument(
        "--apart",
        type=float,
        nargs=2,
        metavar=("FROM", "TO"),
        default=(0, np.inf),
        help="of the generated pages those whose lines are so many x-heights apart",
    )
    parser.add_argument("--stacked", type=Path, metavar="LINES.tsv", help="image, text, writer")
    parser.add_argument("--pitch", type=above_zero, default=3.0, help="of stacked lines (3)")
    parser.add_argument("--read", action="store_true", help="read the lines too")
    parser.add_argument("--set", nargs="*", default=[], metavar="OVERRIDE", dest="overrides")
    parser.add_argument("--changed", choices=CHANGES, help="change every labelled region first")
    given = parser.parse_args()
    if sum(source is not None for source in (given.folder, given.generated, given.stacked)) != 1:
        parser.error("give a FOLDER, --generated N or --stacked LINES.tsv")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    params = load([*given.overrides, "recognize.n_best=1"])
    reader = None
    if given.read:
        reader = Reader(load_checkpoint(params.recognize), params.recognize)
    if given.folder:
        pages = pages_in(given.folder)
    elif given.stacked:
        pages = stacked_pages(given.stacked, given.pitch)
    else:
        pages = generated_pages(given.generated, given.seed, *given.apart)
    if given.changed:
        pages = (page.changed(CHANGES[given.changed]) for page in pages)
    print(report(score(pages, params, reader), params.segment.method))


if __name__ == "__main__":
    run_command("bench.segmentation", main)
