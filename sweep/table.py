"""What a sweep has found: its points by their scores, as a table and as CSV."""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dvc.api
from dvc.exceptions import DvcException

from stages.errors import UserError
from stages.evaluate.scores import Scores
from stages.evaluate.summary import DETAILS
from stages.evaluate.tracking.store import cause

SHOWN = ("essay_cer", "essay_wer")
NONE = "–"


@dataclass(frozen=True)
class Result:
    """A point that has run.

    Attributes:
        name: of its experiment.
        values: of the sweep's keys.
        scores: the content of its details.json.
        seconds: how long it ran, with what DVC's cache held already; None where nobody watched.
    """

    name: str
    values: Mapping[str, str]
    scores: Scores
    seconds: float | None

    def rate(self, metric: str) -> float | None:
        """A score between 0 and more; None where nothing was scored."""
        value = self.scores.get(metric)
        return None if value is None else float(value)

    def interval(self, metric: str) -> tuple[float, float] | None:
        """The 95 % interval of a score, for those that evaluate gives one."""
        low, high = self.rate(f"{metric}_low"), self.rate(f"{metric}_high")
        return None if low is None or high is None else (low, high)


def read_scores(name: str, commit: str) -> Scores:
    """All scores of the experiment `name`.

    Raises:
        UserError: they are in DVC's cache no more.
    """
    try:
        scores: Scores = json.loads(dvc.api.read(DETAILS.as_posix(), rev=commit, encoding="utf-8"))
    except (DvcException, FileNotFoundError) as error:
        raise UserError(
            f"{name}: {DETAILS} cannot be read ({cause(error)}); "
            f"`dvc exp remove {name}` lets the sweep run it again"
        ) from None
    return scores


def ranked(results: Sequence[Result], metric: str) -> list[Result]:
    """The lowest rate first; what has none comes last."""
    return sorted(results, key=lambda result: ((rate := result.rate(metric)) is None, rate or 0.0))


def table(results: Sequence[Result], metric: str) -> str:
    """Ranked results as Markdown: settings, the metric and the headline rates, seconds."""
    metrics = list(dict.fromkeys((metric, *SHOWN)))
    keys = list(results[0].values) if results else []
    rows = [["experiment", *keys, *metrics, "lines", "seconds"]]
    rows += [
        [
            result.name,
            *result.values.values(),
            *(_with_interval(result, name) for name in metrics),
            str(result.scores.get("essay_lines", NONE)),
            NONE if result.seconds is None else f"{result.seconds:.0f}",
        ]
        for result in results
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = (map(str.ljust, row, widths) for row in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _with_interval(result: Result, metric: str) -> str:
    rate, interval = result.rate(metric), result.interval(metric)
    if rate is None:
        return NONE
    return f"{rate:.4f}" + (f" ({interval[0]:.4f}–{interval[1]:.4f})" if interval else "")


def csv_text(results: Sequence[Result], metric: str) -> str:
    """Ranked results with their settings, the metric, its interval and seconds."""
    keys = list(results[0].values) if results else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["experiment", *keys, metric, f"{metric}_low", f"{metric}_high", "seconds"])
    for result in results:
        numbers = [result.rate(metric), *(result.interval(metric) or (None, None)), result.seconds]
        cells = ["" if number is None else round(number, 6) for number in numbers]
        writer.writerow([result.name, *result.values.values(), *cells])
    return text.getvalue()


def read_seconds(path: Path) -> dict[str, float]:
    """How long experiments ran by name, from the CSV of an earlier call of the same sweep.

    Of a file that has been changed a warning is all that comes.
    """
    if not path.is_file():
        return {}
    try:
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        return {row["experiment"]: float(row["seconds"]) for row in rows if row["seconds"]}
    except (ValueError, KeyError, TypeError, csv.Error):
        told = f"{path}: not as a sweep wrote it; how long earlier points took is not known"
        print(f"sweep: warning: {told}", file=sys.stderr)
        return {}
