"""Per-page tables with chosen errors."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

from compare.tables import LENGTH_OF, PageTable, parse_table
from stages.evaluate.normalise import NAME

SCORES = json.dumps({"normalisation": NAME})
WORDS = 5  # characters for each word: every character error is a word error here


def table_text(pages: Mapping[str, tuple[int, int] | None]) -> str:
    """A pages.csv; of each page the edits and the characters, None where it is not transcribed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["page", *LENGTH_OF, *dict.fromkeys(LENGTH_OF.values())])
    writer.writeheader()
    for page, counts in pages.items():
        writer.writerow({"page": page, **(_cells(*counts) if counts else {})})
    return text.getvalue()


def _cells(edits: int, characters: int) -> dict[str, float]:
    cells: dict[str, float] = {}
    for score, length in LENGTH_OF.items():
        cells[length] = characters if "_cer" in score else characters // WORDS
        cells[score] = round(edits / cells[length], 6)
    return cells


def make_table(name: str, pages: Mapping[str, tuple[int, int] | None]) -> PageTable:
    return parse_table(name, table_text(pages), SCORES)


def write_metrics(root: Path, pages: Mapping[str, tuple[int, int] | None]) -> None:
    """metrics/ of a project as evaluate leaves it."""
    (root / "metrics").mkdir(exist_ok=True)
    (root / "metrics" / "pages.csv").write_text(table_text(pages), encoding="utf-8")
    (root / "metrics" / "scores.json").write_text(SCORES, encoding="utf-8")
