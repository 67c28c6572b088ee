"""What is kept of pages that have been cropped, on whichever machine."""

from collections.abc import Callable
from pathlib import Path

from stages.config.settings import CropSettings
from stages.crop.ocr import installation
from stages.pages.scans import PageSource
from stages.pages.stored import REGIONS
from stages.store.kept import KeptPages
from stages.store.results import Store


class KeptCrops:
    """The folders of pages as `stages.store.kept.KeptPages` keeps them."""

    def __init__(self, settings: CropSettings, store: Store) -> None:
        also = installation(settings.language)
        self._kept = KeptPages[None]("crop", settings, store, also, leave_out={"engine"})

    def page(self, item: PageSource, make: Callable[[], None]) -> None:
        """Write a page's folder, as kept or, where it is not, by `make`."""
        self._kept.page(_name(item), _inputs(item), REGIONS / item.page, make)

    def key(self, item: PageSource) -> str:
        """Another one where the page's file has been replaced."""
        return self._kept.key(_name(item), _inputs(item))

    def restored(self, item: PageSource) -> bool:
        """Write a page's folder as kept; False, and nothing written, where it is not."""
        return self._kept.restored(_name(item), _inputs(item), REGIONS / item.page)


def _name(item: PageSource) -> str:
    return f"{item.page} {item.source} {item.frame}"


def _inputs(item: PageSource) -> list[Path]:
    return [] if item.fault or not item.path.is_file() else [item.path]
