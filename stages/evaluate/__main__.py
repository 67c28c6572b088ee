"""Stage evaluate: `python -m stages.evaluate`."""

import json
import os
import sys
from collections.abc import Sequence

from stages.evaluate.outcomes import Outcome, load
from stages.evaluate.overlays import file_name, jpeg, overlay
from stages.evaluate.page import PageScores, score_page
from stages.evaluate.plots import LINE_COLUMNS, line_rows, write_table
from stages.evaluate.report.pictures import PagePictures, page_pictures
from stages.evaluate.report.render import render
from stages.evaluate.scores import page_row, short, total
from stages.evaluate.summary import DETAILS, PAGES_TABLE, REPORT, SCORES, show
from stages.evaluate.thresholds import THRESHOLD_COLUMNS, threshold_rows
from stages.evaluate.tracking.attempt import track
from stages.files import write_bytes, write_text
from stages.pages import PAGES, list_pages, read_page, rotate
from stages.runner import METRICS, fresh_folder, progress, run_stage
from stages.settings import Params

PLOTS = METRICS / "plots"
OVERLAYS = PLOTS / "overlays"
LINES_TABLE = PLOTS / "lines.csv"
THRESHOLDS_TABLE = METRICS / "thresholds.csv"


def evaluate(params: Params) -> None:
    """Score the dataset against the transcriptions; write scores, plots, report and MLflow run."""
    outcomes, strangers = load()
    for path in strangers:
        print(
            f"evaluate: warning: {path}: there is no such page; name it after a page of {PAGES}",
            file=sys.stderr,
        )
    METRICS.mkdir(exist_ok=True)
    pages = [score_page(outcome) for outcome in outcomes]
    scores = total(pages)
    write_text(SCORES, json.dumps(short(scores), indent=1) + "\n")
    write_text(DETAILS, json.dumps(scores, indent=1) + "\n")
    write_tables(outcomes, pages)
    pictures = draw_overlays(outcomes, params.crop.max_megapixels)
    write_text(REPORT, render(pages, scores, pictures))
    if params.evaluate.track:
        track(params)
    if "DVC_STAGE" not in os.environ:  # `make run` shows the summary whether this stage ran or not
        show(params.evaluate.track)


def write_tables(outcomes: Sequence[Outcome], pages: Sequence[PageScores]) -> None:
    """What `dvc plots` draws."""
    PLOTS.mkdir(exist_ok=True)
    rows = [page_row(page) for page in pages]
    write_table(PAGES_TABLE, list(rows[0]) if rows else ["page"], rows)
    write_table(THRESHOLDS_TABLE, THRESHOLD_COLUMNS, threshold_rows(outcomes))
    write_table(LINES_TABLE, LINE_COLUMNS, line_rows(outcomes))


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
        write_bytes(folder / file_name(outcome.page), jpeg(image))
        pictures[outcome.page] = page_pictures(outcome, upright)
    return pictures


if __name__ == "__main__":
    run_stage("evaluate", evaluate)
