"""Stage crop: data/pages/ to data/regions/<page>/ (essay.png, layout.json) and rejected.jsonl."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stages.config.settings import Params
from stages.crop.ocr import installation, require_tesseract
from stages.crop.page import crop
from stages.crop.remote import RemoteCrops
from stages.pages.records import Rejection
from stages.pages.scans import PageSource, list_pages
from stages.pages.stored import REGIONS, REJECTED, write_jsonl
from stages.running.runner import each_page, fresh_folder, run_stage
from stages.running.workers import each_page_in_workers
from stages.store.kept import KeptPages
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
            also = installation(params.crop.language)
            kept = KeptPages[None]("crop", params.crop, store, also, leave_out={"engine"})
            yield lambda item: kept.page(
                f"{item.page} {item.source} {item.frame}",
                [] if item.fault or not item.path.is_file() else [item.path],
                REGIONS / item.page,
                lambda: crop(item, params.crop, store),
            )

    return each_page_in_workers("crop", pages, opened, params.on_reject)


def crop_remotely(pages: Sequence[PageSource], params: Params) -> list[Rejection]:
    """Crop all pages on a Ray cluster."""
    with open_store() as store:
        remote = RemoteCrops(params.crop, store)
        remote.fill(pages, params.on_reject)
        return each_page("crop", pages, remote.check, params.on_reject)


ENGINES = {"local": crop_here, "ray": crop_remotely}


if __name__ == "__main__":
    run_stage("crop", main)
