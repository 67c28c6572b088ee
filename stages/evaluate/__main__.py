"""Stage evaluate: `python -m stages.evaluate`.

Two passes over the pages, side by side: for the scores, and, worst first, for the report. Of all
pages at once only the scores are held.
"""

import json
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from markupsafe import Markup
from pydantic import TypeAdapter

from stages.config.secrecy import one_line, without_secrets
from stages.config.settings import CropSettings, Params
from stages.errors import OutOfMemoryError, PageError, UserError
from stages.evaluate.doubts import unlike
from stages.evaluate.outcomes import Entry, Outcome, candidates_of, load
from stages.evaluate.overlays import file_name, jpeg, overlay
from stages.evaluate.page import PageScores, score_page
from stages.evaluate.plots import LINE_COLUMNS, line_rows, read_table, write_table
from stages.evaluate.report.pictures import PagePictures, page_pictures
from stages.evaluate.report.render import render, render_page
from stages.evaluate.report.views import worst_first
from stages.evaluate.scores import Scores, page_row, short, total
from stages.evaluate.summary import DETAILS, PAGES_TABLE, REPORT, SCORES, show
from stages.evaluate.thresholds import THRESHOLD_COLUMNS, threshold_rows
from stages.evaluate.tracking.attempt import Logger, track
from stages.files import write_bytes, write_text, writing
from stages.pages.scans import PAGES, PageSource, list_pages, read_page
from stages.pages.stored import METRICS, REGIONS
from stages.pages.transcriptions import MistakesError
from stages.pages.upright import upright_page
from stages.running.runner import fresh_folder, run_stage
from stages.running.workers import in_workers
from stages.store.kept import KeptPages
from stages.store.results import open_store

PLOTS = METRICS / "plots"
OVERLAYS = PLOTS / "overlays"
LINES_TABLE = PLOTS / "lines.csv"
THRESHOLDS_TABLE = METRICS / "thresholds.csv"
Kept = KeptPages[dict[str, Any]]
PICTURES = TypeAdapter(PagePictures)
SCORED = TypeAdapter(PageScores)


@dataclass(frozen=True)
class Task:
    """A page, with its scan if that is there."""

    entry: Entry
    scan: PageSource | None

    @property
    def page(self) -> str:
        return self.entry.page

    @property
    def source(self) -> str:
        return self.entry.source


Made = TypeVar("Made")


def evaluate(params: Params) -> None:
    """Score the dataset against the transcriptions; write scores, plots, report and MLflow run."""
    with closing(Logger()) if params.evaluate.track else nullcontext() as logger:
        write_metrics(params.crop)
        if logger:
            track(params, logger)
    if "DVC_STAGE" not in os.environ:  # `make run` shows the summary whether this stage ran or not
        show(params.evaluate.track)


def write_metrics(settings: CropSettings) -> None:
    """Score the dataset against the transcriptions; write all that lies in metrics/."""
    entries, strangers = loaded()
    tell("warning: ", strangers)
    METRICS.mkdir(exist_ok=True)
    scans = {scan.page: scan for scan in list_pages()}
    tasks = {entry.page: Task(entry, scans.get(entry.page)) for entry in entries}
    with closing(side_by_side(None, list(tasks.values()), kept_scores, settings)) as scored:
        pages = list(scored)
    scores = total(pages)
    write_text(SCORES, json.dumps(short(scores), indent=1) + "\n")
    write_text(DETAILS, json.dumps(scores, indent=1) + "\n")
    write_tables(pages)
    tell("warning: ", unlike(read_table(PAGES_TABLE)))
    ranked = worst_first(pages)
    write_report([tasks[page.page] for page in ranked], ranked, scores, settings)


def loaded() -> tuple[list[Entry], list[str]]:
    """As `load`; where several transcriptions are malformed, all but the last are told before."""
    try:
        return load()
    except MistakesError as error:
        *others, last = error.mistakes
        tell("", others)
        raise UserError(last) from None


def tell(kind: str, lines: Iterable[str]) -> None:
    """Write lines for a person to stderr."""
    for line in lines:
        print(one_line(without_secrets(f"evaluate: {kind}{line}")), file=sys.stderr)


def side_by_side(
    name: str | None,
    tasks: Sequence[Task],
    work: Callable[[Task, Kept, CropSettings], Made],
    settings: CropSettings,
) -> Generator[Made, None, None]:
    """What `work` makes of every page, in their order, in one process a core.

    Args:
        name: the progress bar's; None for none.

    Raises:
        UserError: memory was short for a page, or its scan is no longer what was read.
    """

    @contextmanager
    def opened() -> Iterator[Callable[[Task], Made]]:
        with open_store() as store:
            kept = Kept("evaluate", settings, store)
            yield lambda task: work(task, kept, settings)

    with closing(in_workers(name, tasks, opened)) as answers:
        for task, answer in zip(tasks, answers, strict=True):
            if isinstance(answer, PageError):
                raise UserError(f"{task.source} ({task.page}): {told(answer)}")
            yield answer


def told(fault: PageError) -> str:
    """Why a page that was read could not be scored or drawn, and what to do."""
    if not isinstance(fault, OutOfMemoryError):
        return f"{fault}; run `dvc repro`"
    return (
        f"could not be scored and drawn for the report: {fault}; or free some memory, or take it"
        f" out of {PAGES}, then `dvc repro` goes on from here"
    )


def kept_scores(task: Task, kept: Kept, settings: CropSettings) -> PageScores:
    """A page's scores, as kept or new."""
    entry = task.entry
    name = " ".join(["scores", entry.page, *entry.scored_by()])

    def make() -> dict[str, Any]:
        scores: dict[str, Any] = SCORED.dump_python(score_page(entry.outcome()), mode="json")
        return scores

    return SCORED.validate_python(kept.page(name, entry.files(), None, make))


def write_tables(pages: Sequence[PageScores]) -> None:
    """What `dvc plots` draws."""
    PLOTS.mkdir(exist_ok=True)
    rows = [page_row(page) for page in pages]
    write_table(PAGES_TABLE, list(rows[0]) if rows else ["page"], rows)
    candidates = next((candidates_of(page.page) for page in pages if page.done), [])
    write_table(THRESHOLDS_TABLE, THRESHOLD_COLUMNS, threshold_rows(pages, candidates))
    write_table(LINES_TABLE, LINE_COLUMNS, line_rows(pages))


def write_report(
    tasks: Sequence[Task], pages: Sequence[PageScores], scores: Scores, settings: CropSettings
) -> None:
    """Write the report, its pages in this order, and every page's overlay."""
    fresh_folder(OVERLAYS)
    with (
        closing(side_by_side("evaluate", tasks, report_section, settings)) as sections,
        writing(REPORT) as file,
    ):
        for piece in render(pages, scores, map(Markup, sections)):
            file.write(piece.encode())


def report_section(task: Task, kept: Kept, settings: CropSettings) -> str:
    """A page's section of the report; its overlay is written.

    Its scores are those kept: to look at all pages' scores in forked processes would copy them.
    """
    outcome = task.entry.outcome()
    there = outcome.layout and task.scan
    pictures = kept_pictures(outcome, there, settings, kept) if there else None
    return str(render_page(kept_scores(task, kept, settings), outcome, pictures))


def kept_pictures(
    outcome: Outcome, scan: PageSource, settings: CropSettings, kept: Kept
) -> PagePictures:
    """Write a page's overlay, drawn or as kept; its pictures for the report."""
    page, place = outcome.page, OVERLAYS / file_name(outcome.page)
    lines = outcome.reading.raw.lines if outcome.reading else []  # crops are named for their pixels
    name = " ".join([page, str(scan.frame), *(line.model_dump_json() for line in lines)])
    draw = partial(draw_page, outcome, scan, settings.max_megapixels)
    made = kept.page(name, [scan.path, REGIONS / page / "layout.json"], place, draw)
    return PICTURES.validate_python(made)


def draw_page(outcome: Outcome, scan: PageSource, max_megapixels: float) -> dict[str, Any]:
    """Write a page's overlay; its pictures for the report, as JSON values."""
    assert outcome.layout is not None
    upright = upright_page(read_page(scan, max_megapixels), outcome.layout)
    lines = outcome.reading.raw.lines if outcome.reading else []
    image = overlay(upright, outcome.layout, lines)
    write_bytes(OVERLAYS / file_name(outcome.page), jpeg(image))
    pictures: dict[str, Any] = PICTURES.dump_python(page_pictures(outcome, upright), mode="json")
    return pictures


if __name__ == "__main__":
    run_stage("evaluate", evaluate)
