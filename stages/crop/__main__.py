"""Stage crop: data/pages/ to data/regions/<page>/ (essay.png, layout.json) and rejected.jsonl."""

from stages.crop.ocr import require_tesseract
from stages.crop.page import crop
from stages.crop.remote import RemoteCrops
from stages.pages import PageSource, list_pages
from stages.runner import REGIONS, REJECTED, each_page, fresh_folder, run_stage, write_jsonl
from stages.settings import Params
from stages.store.results import open_store


def main(params: Params) -> None:
    """Find the printed fields of every page and cut out its handwriting."""
    pages = list_pages()
    require_tesseract(params.crop.language)
    fresh_folder(REGIONS)
    with open_store() as store:
        if params.crop.engine == "ray":
            remote = RemoteCrops(params.crop, store)
            remote.fill(pages, params.on_reject)
            rejections = each_page("crop", pages, remote.check, params.on_reject)
        else:

            def work(item: PageSource) -> None:
                crop(item, params.crop, store)

            rejections = each_page("crop", pages, work, params.on_reject)
    write_jsonl(REGIONS / REJECTED, rejections)


if __name__ == "__main__":
    run_stage("crop", main)
