"""The tables beside pages.csv that `dvc plots` draws."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from stages.evaluate.confidence import confidence
from stages.evaluate.lines import pair_errors
from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome, Reading
from stages.evaluate.scores import Row
from stages.files import write_text

LINE_COLUMNS = ("page", "line", "confidence", "cer_raw", "characters")


def line_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """The rows of lines.csv: every recognised line of the pages transcribed line for line.

    `line` counts from 1, as on the overlays. A line is aligned with the transcription's as in
    `stages.evaluate.lines`; `cer_raw` is over the `characters` of its partner, both None for a
    line that has none.
    """
    return [
        row
        for outcome in outcomes
        if outcome.reading and outcome.truth and outcome.truth.essay
        for row in _line_rows(outcome.reading, outcome.truth.essay)
    ]


def _line_rows(reading: Reading, essay: Sequence[str]) -> list[Row]:
    best = {read.crop: read.hypotheses[0] for read in reading.raw.readings}
    lines = [best[line.crop] for line in reading.raw.lines]
    transcribed = [normalise(line) for line in essay]
    paired = pair_errors(transcribed, [normalise(line.text) for line in lines])
    return [
        {
            "page": reading.raw.page,
            "line": index + 1,
            "confidence": confidence(lines[index].score),
            "cer_raw": errors.rate,
            "characters": errors.length or None,
        }
        for index, errors in paired or []
        if index is not None
    ]


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A head and the rows as CSV; None becomes an empty cell."""
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
