"""One page's part of the stage: from its file to its folder under data/regions/."""

from pathlib import Path

from stages.config.settings import CropSettings
from stages.crop.sheet import read_sheet
from stages.pages.scans import PageSource, Pixels, read_page, write_png
from stages.pages.stored import REGIONS, write_record
from stages.store.digest import file_digest
from stages.store.results import Store

LAYOUT = "layout.json"
ESSAY = "essay.png"


def crop(item: PageSource, settings: CropSettings, store: Store) -> None:
    """Write a page's layout and its essay region.

    Raises:
        PageError: as `read_page` and `read_sheet`.
    """
    scan = read_page(item, settings.max_megapixels)
    layout, essay = read_sheet(scan, item.page, item.source, settings, store)
    folder = REGIONS / item.page
    write_essay(folder / ESSAY, essay)
    layout = layout.model_copy(update={"scan": file_digest(item.path)})
    write_record(folder / LAYOUT, layout)  # the last: by it the next stage knows the page


def write_essay(path: Path, essay: Pixels) -> None:
    """A region as PNG: in one channel where the scan has no colour."""
    gray = (essay == essay[..., :1]).all()
    write_png(path, essay[..., 0] if gray else essay)
