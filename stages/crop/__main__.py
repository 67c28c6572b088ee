"""Stage crop: data/pages/ to data/regions/<page>/ (essay.png, layout.json) and rejected.jsonl."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stages.config.settings import Params
from stages.crop.kept_crops import KeptCrops
from stages.crop.ocr import require_tesseract
from stages.crop.page import crop
from stages.crop.remote import RemoteCrops
from stages.pages.records import Rejection
from stages.pages.scans import PageSource, list_pages
from stages.pages.stored import REGIONS, REJECTED, write_jsonl
from stages.running.runner import each_page, fresh_folder, run_stage
from stages.running.workers import each_page_in_workers
from stages.store.results import open_store


def main(params: Params) -> None:
    """Find the printed fields of every page and cut out its handwriting."""
    pages = list_pages()
    require_tesseract(params.crop.language)
    fresh_folder(REGIONS)
    rejections = ENGINES[params.crop.engine](pages, params)
    for rejected in rejections:  # of one whose process was killed half may be there
        shutil.rmtree(REGIONS / rejected.page, ignore_errors=True)
    write_jsonl(REGIONS / REJECTED, rejections)


def crop_here(pages: Sequence[PageSource], params: Params) -> list[Rejection]:
    """Crop all pages in processes of this machine."""

    @contextmanager
    def opened() -> Iterator[Callable[[PageSource], None]]:
        with open_store() as store:
            kept = KeptCrops(params.crop, store)
            yield lambda item: kept.page(item, lambda: crop(item, params.crop, store))

    return each_page_in_workers("crop", pages, opened, params.on_reject)


def crop_remotely(pages: Sequence[PageSource], params: Params) -> list[Rejection]:
    """Crop all pages that are not kept on a Ray cluster."""
    with open_store() as store:
        kept = KeptCrops(params.crop, store)
        new = [item for item in pages if not kept.restored(item)]
        remote = RemoteCrops(params.crop, store, kept)
        remote.fill(new, params.on_reject)
        return each_page("crop", new, remote.check, params.on_reject)


ENGINES = {"local": crop_here, "ray": crop_remotely}


if __name__ == "__main__":
    run_stage("crop", main)
