"""Stage evaluate: `python -m stages.evaluate`."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter, create_model

from stages.errors import PageError, UserError
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
from stages.kept import KeptPages
from stages.pages import PAGES, PageSource, list_pages, read_page
from stages.runner import (
    CORRECTED,
    LINES,
    METRICS,
    RAW,
    REGIONS,
    fresh_folder,
    run_stage,
)
from stages.settings import CropSettings, Params
from stages.store.results import open_store
from stages.upright import upright_page
from stages.workers import in_workers

PLOTS = METRICS / "plots"
OVERLAYS = PLOTS / "overlays"
LINES_TABLE = PLOTS / "lines.csv"
THRESHOLDS_TABLE = METRICS / "thresholds.csv"
Kept = KeptPages[dict[str, Any]]
PICTURES = TypeAdapter(PagePictures)
# A page's scores without what they are of.
PARTS = {name: kind for name, kind in get_type_hints(PageScores).items() if name != "outcome"}
SCORED: type[BaseModel] = create_model("SCORED", **dict(PARTS))


def evaluate(params: Params) -> None:
    """Score the dataset against the transcriptions; write scores, plots, report and MLflow run."""
    outcomes, strangers = load()
    for path in strangers:
        print(
            f"evaluate: warning: {path}: there is no such page; name it after a page of {PAGES}",
            file=sys.stderr,
        )
    METRICS.mkdir(exist_ok=True)
    with open_store() as store:
        pages = score_pages(outcomes, Kept("evaluate", params.crop, store))
    scores = total(pages)
    write_text(SCORES, json.dumps(short(scores), indent=1) + "\n")
    write_text(DETAILS, json.dumps(scores, indent=1) + "\n")
    write_tables(outcomes, pages)
    pictures = draw_overlays(outcomes, params.crop)
    write_text(REPORT, render(pages, scores, pictures))
    if params.evaluate.track:
        track(params)
    if "DVC_STAGE" not in os.environ:  # `make run` shows the summary whether this stage ran or not
        show(params.evaluate.track)


def score_pages(outcomes: Sequence[Outcome], kept: Kept) -> list[PageScores]:
    """Every page's scores."""
    pages = []
    for outcome in outcomes:
        reading, page = outcome.reading, outcome.page
        told = [reading.record if reading else outcome.rejection, outcome.truth]
        name = " ".join(record.model_dump_json() if record else "none" for record in told)
        files = [CORRECTED / f"{page}.json", RAW / f"{page}.json", LINES / page / "lines.json"]
        scored = kept.page(
            f"scores {page} {name}",
            files if reading else [],
            None,
            partial(_scored, outcome),
        )
        pages.append(PageScores(outcome=outcome, **dict(SCORED.model_validate(scored))))
    return pages


def _scored(outcome: Outcome) -> dict[str, Any]:
    scores = score_page(outcome)
    parts = {name: getattr(scores, name) for name in SCORED.model_fields}
    return SCORED(**parts).model_dump(mode="json")


def write_tables(outcomes: Sequence[Outcome], pages: Sequence[PageScores]) -> None:
    """What `dvc plots` draws."""
    PLOTS.mkdir(exist_ok=True)
    rows = [page_row(page) for page in pages]
    write_table(PAGES_TABLE, list(rows[0]) if rows else ["page"], rows)
    write_table(THRESHOLDS_TABLE, THRESHOLD_COLUMNS, threshold_rows(outcomes))
    write_table(LINES_TABLE, LINE_COLUMNS, line_rows(outcomes))


def draw_overlays(outcomes: Sequence[Outcome], settings: CropSettings) -> dict[str, PagePictures]:
    """Write the overlay of every page that has a layout; pictures for the report come back."""
    fresh_folder(OVERLAYS)
    scans = {scan.page: scan for scan in list_pages()}
    drawn = [outcome for outcome in outcomes if outcome.layout and outcome.page in scans]

    @contextmanager
    def opened() -> Iterator[Callable[[Outcome], dict[str, Any]]]:
        with open_store() as store:
            kept = Kept("evaluate", settings, store)
            yield lambda outcome: kept_pictures(outcome, scans[outcome.page], settings, kept)

    pictures = {}
    with closing(in_workers("evaluate", drawn, opened)) as answers:
        for outcome, answer in zip(drawn, answers, strict=True):
            if isinstance(answer, PageError):
                raise UserError(f"{outcome.source}: {answer}; run `dvc repro`")
            pictures[outcome.page] = PICTURES.validate_python(answer)
    return pictures


def kept_pictures(
    outcome: Outcome, source: PageSource, settings: CropSettings, kept: Kept
) -> dict[str, Any]:
    """Write a page's overlay, drawn or as kept; its pictures for the report, as JSON values."""
    page, place = outcome.page, OVERLAYS / file_name(outcome.page)
    lines = outcome.reading.raw.lines if outcome.reading else []  # crops are named for their pixels
    name = " ".join([page, str(source.frame), *(line.model_dump_json() for line in lines)])
    draw = partial(draw_page, outcome, source, settings.max_megapixels, place)
    return kept.page(name, [source.path, REGIONS / page / "layout.json"], place, draw)


def draw_page(
    outcome: Outcome, source: PageSource, max_megapixels: float, place: Path
) -> dict[str, Any]:
    """Write a page's overlay to `place`; its pictures for the report, as JSON values."""
    assert outcome.layout is not None
    upright = upright_page(read_page(source, max_megapixels), outcome.layout)
    lines = outcome.reading.raw.lines if outcome.reading else []
    write_bytes(place, jpeg(overlay(upright, outcome.layout, lines)))
    pictures: dict[str, Any] = PICTURES.dump_python(page_pictures(outcome, upright), mode="json")
    return pictures


if __name__ == "__main__":
    run_stage("evaluate", evaluate)
