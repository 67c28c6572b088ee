"""Sheets as a Hugging Face dataset folder: a configuration of pages and one of line crops."""

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from exchange.card import card
from exchange.gather import Scan
from exchange.images import write_image
from exchange.sheets import FIELDS, Region, Sheet
from stages.errors import UserError
from stages.evaluate.summary import SCORES
from stages.evaluate.tracking.origin import origin_tags
from stages.pages.records import Provenance
from stages.pages.stored import DATASET, LINES, read_jsonl, write_jsonl

PAGES_CONFIG = "pages"
LINES_CONFIG = "lines"
METADATA = "metadata.jsonl"
PROVENANCE = DATASET / "provenance.jsonl"


def write_hugging_face(scans: Iterable[Scan], folder: Path, licence: str) -> int:
    """`pages/` and `lines/`, images with a metadata.jsonl each, and the card, README.md.

    Args:
        licence: the hub's short name of the dataset's licence, `cc-by-4.0` say.

    Returns:
        How many pages there are.

    Raises:
        UserError: assemble or evaluate has not run, or `licence` is no such name.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", licence):
        raise UserError(f"--license: {licence!r} is no short name such as cc-by-4.0 or unknown")
    for path in (PROVENANCE, SCORES):
        if not path.is_file():
            raise UserError(f"{path}: not there yet; run `dvc repro` to make it")
    pages, lines = folder / PAGES_CONFIG, folder / LINES_CONFIG
    pages.mkdir()
    lines.mkdir()
    sheets: list[Sheet] = []
    page_rows: list[dict[str, Any]] = []
    line_rows: list[dict[str, Any]] = []
    for scan in scans:
        image = write_image(scan.source, scan.pixels, pages)
        sheets.append(scan.sheet)
        page_rows.append({"file_name": image.name, **page_row(scan.sheet)})
        for region in scan.sheet.regions:
            line_rows += _line_rows(scan.sheet, region, lines)
    _write_rows(pages / METADATA, page_rows)
    _write_rows(lines / METADATA, line_rows)
    exported = {sheet.page for sheet in sheets}
    origins = [row for row in read_jsonl(PROVENANCE, Provenance) if row.page in exported]
    write_jsonl(folder / PROVENANCE.name, origins)
    text = card(
        sheets,
        len(line_rows),
        licence,
        json.loads(SCORES.read_text(encoding="utf-8")),
        origin_tags(),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
    return len(sheets)


def page_row(sheet: Sheet) -> dict[str, Any]:
    """A page's texts and band as one row; the essay's lines are joined with line breaks."""
    regions = {region.field: region for region in sheet.regions}
    row: dict[str, Any] = {"page": sheet.page}
    for field in FIELDS:
        region = regions.get(field)
        between = "\n" if field == "essay" else " "
        text = between.join(region.texts) if region else ""
        row[field] = sheet.band if field == "band" else text
        row[f"{field}_from"] = region.text_from if region else None
    return row | {"recogniser": sheet.recogniser, "source": sheet.source}


def _line_rows(sheet: Sheet, region: Region, folder: Path) -> Iterable[dict[str, Any]]:
    """The lines of handwriting that were found and have a text, each as the recogniser saw it."""
    for number, line in enumerate(region.lines, 1):
        if line.crop is None or line.text is None:
            continue
        name = f"{sheet.page}-{line.id}.png"
        shutil.copyfile(LINES / sheet.page / f"{line.crop}.png", folder / name)
        yield {
            "file_name": name,
            "page": sheet.page,
            "line": number,
            "text": line.text,
            "text_from": region.text_from,
            "confidence": line.confidence,
        }


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
