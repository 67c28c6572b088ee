"""What a run ends with on the screen: `python -m stages.evaluate.summary`."""

import json
from collections.abc import Sequence

from stages.config.composition import load
from stages.config.secrecy import without_userinfo
from stages.errors import UserError
from stages.evaluate.scores import MEASURES, Scores
from stages.evaluate.texts import FIELDS
from stages.evaluate.tracking.store import tracking_uri
from stages.pages.records import Rejection
from stages.running.runner import (
    DATASET,
    METRICS,
    REJECTED,
    TRANSCRIPTIONS,
    read_jsonl,
    run_command,
)

SCORES = METRICS / "scores.json"
DETAILS = METRICS / "details.json"
PAGES_TABLE = METRICS / "pages.csv"
REPORT = METRICS / "report.html"


def summarise(scores: Scores, rejections: Sequence[Rejection], mlflow: str | None) -> str:
    """The summary of a run.

    Args:
        scores: the content of scores.json.
        mlflow: where runs are logged, None when they are not.
    """
    blocks = [_pages(scores, rejections), *_rates(scores), _places(mlflow)]
    return "\n\n".join("\n".join(block) for block in blocks)


def _pages(scores: Scores, rejections: Sequence[Rejection]) -> list[str]:
    return [
        f"{scores['pages_done']} pages done, {scores['pages_rejected']} rejected",
        *(f"  {r.source} ({r.page}), by {r.stage}: {r.reason}" for r in rejections),
    ]


def _rates(scores: Scores) -> list[list[str]]:
    if not scores["pages_transcribed"]:
        return [[f"No page is transcribed in {TRANSCRIPTIONS}: nothing is scored"]]
    heads = ["CER raw", "corrected", "WER raw", "corrected"]
    table = [_row("", heads)]
    for field in FIELDS:
        rates = [_percent(scores.get(f"{field}_{measure}")) for measure in MEASURES]
        table.append(_row(field.replace("_", " "), rates))
    return [table, _notes(scores)]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<17}" + "".join(f"{cell:>11}" for cell in cells)


def _notes(scores: Scores) -> list[str]:
    notes = [f"{scores['pages_transcribed']} pages are transcribed"]
    rejected = scores["pages_transcribed_rejected"]
    if rejected:
        notes[0] += f"; {rejected} of them rejected, all their text counts as missed"
    if "band_accuracy" in scores:
        notes.append(f"the band is right on {_percent(scores['band_accuracy'])} of them")
    if "essay_lines" in scores:
        found, truth = scores["essay_lines"], scores["essay_lines_transcribed"]
        notes.append(f"their essays have {truth} lines, {found} were found")
    if "essay_cer_low" in scores:
        low, high = _percent(scores["essay_cer_low"]), _percent(scores["essay_cer_high"])
        notes.append(f"essay CER corrected, 95 % interval over pages: {low} to {high}")
    if "essay_nonwords_kept" in scores:
        kept, count = _percent(scores["essay_nonwords_kept"]), scores["essay_nonwords"]
        notes.append(f"{kept} of {count} non-words (misspellings, mostly) are kept as written")
    if "essay_cer_raw_oracle" in scores:
        best = _percent(scores["essay_cer_raw_oracle"])
        notes.append(f"with the best choice of segmentation and n-best, raw essay CER {best}")
    return notes


def _percent(rate: float | str | None) -> str:
    return f"{100 * rate:.1f} %" if isinstance(rate, int | float) else "-"


def _places(mlflow: str | None) -> list[str]:
    places = [f"dataset  {DATASET / 'dataset.jsonl'}", f"report   {REPORT}"]
    if mlflow:
        how = "" if mlflow.startswith("http") else "; `make ui` opens them in MLflow"
        places.append(f"runs     {mlflow}{how}")
    return places


def show(tracked: bool) -> None:
    """Print the summary of the last evaluation.

    Args:
        tracked: whether its run was logged to MLflow.

    Raises:
        UserError: there was none.
    """
    for path in (SCORES, DATASET / REJECTED):
        if not path.is_file():
            raise UserError(f"{path}: not there yet; run `dvc repro` to make it")
    scores: Scores = json.loads(SCORES.read_text(encoding="utf-8"))
    rejections = read_jsonl(DATASET / REJECTED, Rejection)
    print(summarise(scores, rejections, without_userinfo(tracking_uri()) if tracked else None))


if __name__ == "__main__":
    run_command("summary", lambda: show(load().evaluate.track))
