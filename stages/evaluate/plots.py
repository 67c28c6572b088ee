"""The tables beside scores.json that `dvc plots` draws."""

import csv
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO
from pathlib import Path

from stages.evaluate.page import PageScores
from stages.evaluate.scores import Row
from stages.files import write_text

LINE_COLUMNS = ("page", "line", "confidence", "cer_raw", "characters")


def line_rows(pages: Sequence[PageScores]) -> list[Row]:
    """The rows of lines.csv: every recognised line of the pages transcribed line for line."""
    return [{"page": page.page, **asdict(line)} for page in pages for line in page.line_scores]


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table that `write_table` wrote; what was None is empty."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A head and the rows as CSV; None becomes an empty cell."""
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
