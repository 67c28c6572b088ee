"""Stage evaluate: `python -m stages.evaluate`."""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from stages.evaluate.outcomes import Outcome, load
from stages.evaluate.overlays import jpeg, overlay
from stages.evaluate.page import PageScores, score_page
from stages.evaluate.report.pictures import PagePictures, page_pictures
from stages.evaluate.report.render import render
from stages.evaluate.scores import page_row, total
from stages.evaluate.summary import PAGES_TABLE, REPORT, SCORES
from stages.evaluate.tracking.attempt import track
from stages.pages import list_pages, read_page, rotate
from stages.runner import METRICS, fresh_folder, progress, run_stage
from stages.settings import Params

OVERLAYS = METRICS / "plots" / "overlays"


def evaluate(params: Params) -> None:
    """Score the dataset against the transcriptions; write scores, plots, report and MLflow run."""
    outcomes, strangers = load()
    for path in strangers:
        print(f"evaluate: warning: {path}: there is no such page", file=sys.stderr)
    METRICS.mkdir(exist_ok=True)
    pages = [score_page(outcome) for outcome in outcomes]
    scores = total(pages)
    SCORES.write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    write_table(PAGES_TABLE, pages)
    pictures = draw_overlays(outcomes, params.crop.max_megapixels)
    REPORT.write_text(render(pages, scores, pictures), encoding="utf-8")
    if not scores["pages_transcribed"]:
        print("evaluate: no page is transcribed in data/transcriptions: nothing is scored")
    if params.evaluate.track:
        track(params)


def write_table(path: Path, pages: Sequence[PageScores]) -> None:
    """One row a page; an empty cell where there is nothing to score."""
    rows = [page_row(page) for page in pages]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["page"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def draw_overlays(outcomes: Sequence[Outcome], max_megapixels: float) -> dict[str, PagePictures]:
    """Write the overlay of every page that has a layout; pictures for the report come back."""
    folder = fresh_folder(OVERLAYS)
    scans = {scan.page: scan for scan in list_pages()}
    pictures = {}
    for outcome in progress(outcomes, "evaluate"):
        if outcome.layout is None or outcome.page not in scans:
            continue
        scan = read_page(scans[outcome.page], max_megapixels)
        upright = rotate(scan, outcome.layout.rotation_degrees)
        lines = outcome.reading.raw.lines if outcome.reading else []
        image = overlay(upright, outcome.layout, lines)
        (folder / f"{outcome.page}.jpg").write_bytes(jpeg(image))
        pictures[outcome.page] = page_pictures(outcome, upright)
    return pictures


if __name__ == "__main__":
    run_stage("evaluate", evaluate)
