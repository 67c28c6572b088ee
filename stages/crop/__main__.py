"""Stage crop: data/pages/ to data/regions/<page>/ (essay.png, layout.json) and rejected.jsonl."""

from pathlib import Path

from PIL import Image

from stages.crop.ocr import require_tesseract
from stages.crop.sheet import read_sheet
from stages.pages import PageSource, Pixels, list_pages, read_page
from stages.runner import (
    REGIONS,
    REJECTED,
    each_page,
    fresh_folder,
    run_stage,
    write_jsonl,
    write_record,
)
from stages.settings import Params
from stages.store.results import open_store


def main(params: Params) -> None:
    """Find the printed fields of every page and cut out its handwriting."""
    pages = list_pages()
    require_tesseract(params.crop.language)
    fresh_folder(REGIONS)
    with open_store() as store:

        def crop(item: PageSource) -> None:
            scan = read_page(item, params.crop.max_megapixels)
            layout, essay = read_sheet(scan, item.page, item.source, params.crop, store)
            folder = REGIONS / item.page
            write_record(folder / "layout.json", layout)
            write_essay(folder / "essay.png", essay)

        rejections = each_page("crop", pages, crop, params.on_reject)
    write_jsonl(REGIONS / REJECTED, rejections)


def write_essay(path: Path, essay: Pixels) -> None:
    """A region as PNG: in one channel where the scan has no colour."""
    gray = (essay == essay[..., :1]).all()
    Image.fromarray(essay[..., 0] if gray else essay).save(path)


if __name__ == "__main__":
    run_stage("crop", main)
