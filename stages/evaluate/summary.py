"""What a run ends with on the screen: `python -m stages.evaluate.summary`."""

import json
from collections.abc import Mapping, Sequence

from stages.config.composition import NOT_CONF, differs_from_conf, load
from stages.config.secrecy import without_userinfo
from stages.errors import UserError
from stages.evaluate.doubts import guesses, miscounted, unlike
from stages.evaluate.plots import read_table
from stages.evaluate.scores import MEASURES, Scores
from stages.evaluate.texts import FIELDS
from stages.evaluate.tracking.store import tracking_uri
from stages.pages.records import Provenance, Rejection
from stages.pages.stored import DATASET, METRICS, REJECTED, TRANSCRIPTIONS, each_line, read_jsonl
from stages.running.runner import run_command, say

SCORES = METRICS / "scores.json"
DETAILS = METRICS / "details.json"
PAGES_TABLE = METRICS / "pages.csv"
REPORT = METRICS / "report.html"
PROVENANCE = DATASET / "provenance.jsonl"
MAX_GUESSED = 10
MAX_DOUBTED = 5


def summarise(
    scores: Scores,
    rejections: Sequence[Rejection],
    mlflow: str | None,
    guessed: Mapping[str, Sequence[str]] | None = None,
    rows: Sequence[Mapping[str, str]] = (),
) -> str:
    """The summary of a run.

    Args:
        scores: the content of scores.json.
        mlflow: where runs are logged, None when they are not.
        guessed: what was guessed on pages, as in `stages.evaluate.doubts`.
        rows: of pages.csv.
    """
    blocks = [
        _pages(scores, rejections, guessed or {}),
        *_rates(scores),
        _doubts(rows),
        _places(mlflow),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _pages(
    scores: Scores, rejections: Sequence[Rejection], guessed: Mapping[str, Sequence[str]]
) -> list[str]:
    return [
        f"{scores['pages_done']} pages done, {scores['pages_rejected']} rejected",
        *(f"  {r.source} ({r.page}), by {r.stage}: {r.reason}" for r in rejections),
        *_named(
            f"{_counted(len(guessed), 'page was', 'pages were')} read with a guess, look at"
            f" {'it' if len(guessed) == 1 else 'them'}:",
            [f"{page}: {', '.join(told)}" for page, told in guessed.items()],
            MAX_GUESSED,
        ),
    ]


def _doubts(rows: Sequence[Mapping[str, str]]) -> list[str]:
    off = miscounted(rows)
    head = f"{_counted(len(off), 'page has', 'pages have')} more or fewer lines than are typed:"
    return [*unlike(rows)[:MAX_DOUBTED], *_named(head, off, MAX_DOUBTED)]


def _named(head: str, items: Sequence[str], most: int) -> list[str]:
    """The head, the first of the items, and how many more there are; nothing without items."""
    more = [f"  and {len(items) - most} more"] if len(items) > most else []
    return [head, *(f"  {item}" for item in items[:most]), *more] if items else []


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


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
    pages, essays = (int(scores.get(name, 0)) for name in ("pages_transcribed", "essay_pages"))
    notes = [_counted(pages, "page is", "pages are") + " transcribed"]
    if pages != essays:
        notes[0] += f" ({_counted(essays, 'essay', 'essays')})"
    rejected = scores["pages_transcribed_rejected"]
    if rejected:
        notes[0] += f"; {rejected} of them rejected, all their text counts as missed"
    if "band_pages" in scores:
        bands = f"the {_counted(int(scores['band_pages']), 'page', 'pages')} where it is typed"
        notes.append(f"the band is right on {_percent(scores['band_accuracy'])} of {bands}")
    if "essay_lines" in scores:
        found, truth = scores["essay_lines"], scores["essay_lines_transcribed"]
        notes.append(f"the essays typed line by line have {truth} lines, {found} were found")
    if "essay_cer_low" in scores:
        low, high = _percent(scores["essay_cer_low"]), _percent(scores["essay_cer_high"])
        notes.append(f"essay CER corrected, 95 % interval over pages: {low} to {high}")
    notes += _trained_on(scores)
    if "essay_nonwords_kept" in scores:
        kept, count = _percent(scores["essay_nonwords_kept"]), scores["essay_nonwords"]
        notes.append(f"{kept} of {count} non-words (misspellings, mostly) are kept as written")
    if "essay_cer_raw_oracle" in scores:
        best = _percent(scores["essay_cer_raw_oracle"])
        notes.append(f"with the best choice of segmentation and n-best, raw essay CER {best}")
    return notes


def _trained_on(scores: Scores) -> list[str]:
    if "essay_pages_trained_on" not in scores:
        return []
    note = f"the recogniser was trained on {scores['essay_pages_trained_on']} of these essays"
    if "essay_cer_unseen" not in scores:
        return [f"{note}: how it reads others is not known"]
    cer, wer = (_percent(scores[f"essay_{rate}_unseen"]) for rate in ("cer", "wer"))
    return [f"{note}; corrected, the others have CER {cer}, WER {wer}"]


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
    for path in (SCORES, DATASET / REJECTED, PROVENANCE, PAGES_TABLE):
        if not path.is_file():
            raise UserError(
                f"{path}: not there yet; run `dvc repro` to make it, or see why it failed: the last"
                " line that begins with `evaluate:`"
            )
    scores: Scores = json.loads(SCORES.read_text(encoding="utf-8"))
    rejections = read_jsonl(DATASET / REJECTED, Rejection)
    mlflow = without_userinfo(tracking_uri()) if tracked else None
    say(summarise(scores, rejections, mlflow, _guessed(), read_table(PAGES_TABLE)))
    if differs_from_conf():
        say(f"\nnote: {NOT_CONF}")


def _guessed() -> dict[str, list[str]]:
    """What was guessed on each page of the dataset where something was."""
    told = {page.page: guesses(page.fallbacks) for _, page in each_line(PROVENANCE, Provenance)}
    return {page: words for page, words in sorted(told.items()) if words}


if __name__ == "__main__":
    run_command("summary", lambda: show(load().evaluate.track))
