"""Stage crop: data/pages/ to data/regions/<page>/ (essay.png, layout.json) and rejected.jsonl."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from stages.crop.ocr import require_tesseract
from stages.crop.sheet import read_sheet
from stages.files import write_bytes
from stages.pages import PageSource, Pixels, list_pages, read_page
from stages.runner import (
    REGIONS,
    REJECTED,
    fresh_folder,
    run_stage,
    write_jsonl,
    write_record,
)
from stages.settings import CropSettings, Params
from stages.store.results import Store, open_store
from stages.workers import each_page_in_workers


def main(params: Params) -> None:
    """Find the printed fields of every page and cut out its handwriting."""
    pages = list_pages()
    require_tesseract(params.crop.language)
    fresh_folder(REGIONS)

    @contextmanager
    def opened() -> Iterator[Callable[[PageSource], None]]:
        with open_store() as store:
            yield lambda item: crop(item, params.crop, store)

    rejections = each_page_in_workers("crop", pages, opened, params.on_reject)
    write_jsonl(REGIONS / REJECTED, rejections)


def crop(item: PageSource, settings: CropSettings, store: Store) -> None:
    """Write a page's layout and its essay region.

    Raises:
        PageError: as `read_page` and `read_sheet`.
    """
    scan = read_page(item, settings.max_megapixels)
    layout, essay = read_sheet(scan, item.page, item.source, settings, store)
    folder = REGIONS / item.page
    write_record(folder / "layout.json", layout)
    write_essay(folder / "essay.png", essay)


def write_essay(path: Path, essay: Pixels) -> None:
    """A region as PNG: in one channel where the scan has no colour."""
    gray = (essay == essay[..., :1]).all()
    png = BytesIO()
    Image.fromarray(essay[..., 0] if gray else essay).save(png, "PNG")
    write_bytes(path, png.getvalue())


if __name__ == "__main__":
    run_stage("crop", main)
