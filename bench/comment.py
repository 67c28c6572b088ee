"""python -m bench.comment [FOLDER] [override ...]: both ways of reading the examiner's comment.

FOLDER holds one folder a page with `page.png` and `page.json` (its `examiner_comment`); `samples`,
the default, reads the sample pages. Overrides are settings such as `crop.max_skew_degrees=0.0`,
which leaves the pages as they lie, as the notebook did. The seconds are those of a page's whole
crop: `single_pass` takes the comment from the pass that finds everything else, `twelve_pass` adds
twelve passes a paragraph. Prints a Markdown table; the character error rate is taken over texts
normalised as in evaluate.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from jiwer import cer

from stages.config.composition import load
from stages.config.settings import CropSettings
from stages.crop.ocr import require_tesseract
from stages.crop.sheet import read_sheet
from stages.errors import UserError
from stages.evaluate.normalise import normalise
from stages.pages.scans import PageSource, list_pages, read_page
from stages.pages.stored import TRANSCRIPTIONS
from stages.pages.transcriptions import read_transcriptions
from stages.running.runner import run_command

SAMPLES = Path("samples")
OPTIONS = ("single_pass", "twelve_pass")


def pages_of(folder: Path) -> Iterator[tuple[PageSource, str]]:
    """Pages with the comment that a person reads on them.

    Raises:
        UserError: there is none.
    """
    if folder == SAMPLES:
        typed = read_transcriptions(TRANSCRIPTIONS)
        found = [
            (page, comment)
            for page in list_pages()
            if page.page in typed and (comment := typed[page.page].examiner_comment)
        ]
    else:
        found = [
            (PageSource(path.parent.name, path.with_name("page.png")), _comment_in(path))
            for path in sorted(folder.glob("*/page.json"))
        ]
    if not found:
        raise UserError(f"{folder}: holds no page; give a folder of */page.png and */page.json")
    yield from found


def _comment_in(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["examiner_comment"])


def measure(page: PageSource, comment: str, settings: CropSettings) -> tuple[float, float]:
    """Seconds and character error rate of one page."""
    scan = read_page(page, settings.max_megapixels)
    start = time.perf_counter()
    layout, _ = read_sheet(scan, page.page, page.source, settings)
    seconds = time.perf_counter() - start
    read = layout.comment.text if layout.comment else ""
    return seconds, float(cer(normalise(comment), normalise(read)))


def compare(folder: Path, overrides: Sequence[str]) -> None:
    """Read every page in both ways and print the table."""
    base = load(["crop=anchors", *overrides]).crop
    require_tesseract(base.language)
    print("| page | single_pass s | CER % | twelve_pass s | CER % |\n|---|--:|--:|--:|--:|")
    rows = []
    for page, comment in pages_of(folder):
        row: list[float] = []
        for option in OPTIONS:
            row += measure(page, comment, base.model_copy(update={"comment": option}))
        rows.append(row)
        print(_line(page.page, row), flush=True)
    print(_line("mean", [sum(column) / len(rows) for column in zip(*rows, strict=True)]))


def _line(name: str, row: list[float]) -> str:
    first, first_cer, second, second_cer = row
    return (
        f"| {name} | {first:.1f} | {100 * first_cer:.2f} | {second:.1f} | {100 * second_cer:.2f} |"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.comment", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    parser.add_argument("overrides", nargs="*")
    arguments = parser.parse_args()
    run_command("bench.comment", lambda: compare(arguments.folder, arguments.overrides))


if __name__ == "__main__":
    main()
