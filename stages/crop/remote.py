"""Pages cropped on a Ray cluster: every actor has one CPU and reads page after page.

A page's file goes to an actor, and its layout, its essay region and the Tesseract passes that were
made for it come back. Which passes a page needs shows only when it has been turned upright, so an
actor asks for what is known of each; it is answered out of the store by one more actor, beside the
driver. What was not known is written to the store by the driver.
"""

import importlib
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from stages.config.settings import CropSettings
from stages.crop.kept_crops import KeptCrops
from stages.crop.ocr import KIND, installation, require_tesseract
from stages.crop.page import crop
from stages.errors import OutOfMemoryError, PageError, UserError
from stages.files import write_bytes
from stages.pages.scans import PageSource
from stages.pages.stored import REGIONS
from stages.running.cluster import Cluster, connect, other_version, versions_of
from stages.running.pool import Fault, Pool
from stages.running.runner import each_page, rejection
from stages.store.digest import file_digest
from stages.store.results import Store, store_path

# What a cropped page follows from, besides Tesseract.
LIBRARIES = (
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pypdfium2",
    "rapidfuzz",
    "scipy",
    "wordfreq",
)

Files = dict[str, bytes]

# A page's files by their names, or why it cannot be read; and the Tesseract passes made for it.
Done = tuple[Files | Fault, dict[str, Any]]


class KnownPasses:
    """Answers out of the store, on the driver's machine."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)

    def get(self, key: str) -> dict[str, Any]:
        """The key's value by the key, or nothing."""
        return self._store.get([key])


class PassesMade(Store):
    """A store for an actor's machine: it asks what is known, and keeps what is new till taken."""

    def __init__(self, ask: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(None)
        self._ask = ask
        self._made: dict[str, Any] = {}

    def once(self, kind: str, key: str, compute: Callable[[], Any]) -> Any:
        """As `Store.once`; runs elsewhere that do the same are not waited for."""
        if key in self._made:
            return self._made[key]
        if found := self._ask(key):
            return found[key]
        value = self._made[key] = compute()
        return value

    def take(self) -> dict[str, Any]:
        """What was new since the last time."""
        made, self._made = self._made, {}
        return made


class CroppingActor:
    """Crops pages on whatever machine it is on; see `stages.running.pool.Pool`.

    Args:
        tesseract, versions: of the driver's machine, by `installation` and `versions_of`.
        known: the handle of a `KnownPasses`; None where there is no store.
    """

    def __init__(
        self,
        settings: CropSettings,
        tesseract: dict[str, str],
        versions: dict[str, str],
        known: Any,
    ) -> None:
        self._settings = settings
        self._tesseract = tesseract
        self._versions = versions
        self._known = known

    def ready(self) -> str | None:
        """Why pages cannot be read here as the driver would read them."""
        if unfit := other_version(self._versions):
            return unfit
        try:
            require_tesseract(self._settings.language)
        except UserError as error:
            return str(error)
        found = installation(self._settings.language)
        differing = [name for name, value in self._tesseract.items() if found[name] != value]
        if differing:
            return f"its {' and '.join(differing)} is not the one that is installed here"
        return None

    def work(self, jobs: Sequence[tuple[PageSource, Any]]) -> list[Done]:
        """What became of each page, given with a reference to its file's bytes."""
        ray = importlib.import_module("ray")
        store = PassesMade(lambda key: ray.get(self._known.get.remote(key)) if self._known else {})
        return [(self._crop(item, ray.get(content), store), store.take()) for item, content in jobs]

    def _crop(self, item: PageSource, content: bytes, store: Store) -> Files | Fault:
        """In a folder where the page's path is what it is on the driver's machine."""
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            item.path.parent.mkdir(parents=True)
            item.path.write_bytes(content)
            try:
                crop(item, self._settings, store)
            except OutOfMemoryError:
                raise  # not for good: tried again
            except PageError as error:
                return Fault(str(error))
            files = sorted((REGIONS / item.page).iterdir())
            return {path.name: path.read_bytes() for path in files}


class RemoteCrops:
    """Pages that a cluster crops, or has cropped."""

    def __init__(self, settings: CropSettings, store: Store, kept: KeptCrops) -> None:
        self._settings = settings
        self._store = store
        self._kept = kept
        self._faults: dict[str, Fault | None] = {}
        self._sent: dict[str, str] = {}

    def fill(self, pages: Sequence[PageSource], on_reject: str) -> None:
        """Write the folders of all pages that can be read, as the cluster crops them.

        Args:
            on_reject: `fail` to stop at the first that cannot be read, which may be one that is
                not sent.

        Raises:
            UserError: there is no cluster, or none of its machines can do it; or, with `fail`, a
                page cannot be read.
        """
        items = {item.page: item for item in pages if is_file(item)}
        if on_reject == "fail":
            each_page("crop", [item for item in pages if not is_file(item)], self.check, on_reject)
        if not items:
            return
        with connect() as cluster:
            pool = _pool(cluster, self._settings)
            contents = Contents(cluster.ray)

            def send(page: str) -> tuple[PageSource, Any]:
                self._sent[page] = self._kept.key(items[page])
                return contents.of(items[page])

            done = pool.each([[page] for page in items], send)
            with tqdm(total=len(items), desc="crop", unit="page", disable=None) as bar:
                for page, found in ((page, found) for some in done for page, found in some.items()):
                    self._take(items[page], found)
                    bar.update()
                    if fault := self._faults[page]:
                        rejection("crop", items[page], PageError(fault.reason), on_reject)

    def check(self, item: PageSource) -> None:
        """Nothing, if the page was cropped; otherwise it is cropped here.

        Raises:
            PageError: the page cannot be read.
        """
        if item.page not in self._faults:
            crop(item, self._settings, self._store)
        elif fault := self._faults[item.page]:
            raise PageError(fault.reason)

    def _take(self, item: PageSource, found: Done | Fault) -> None:
        files, made = (found, {}) if isinstance(found, Fault) else found
        self._store.put(KIND, made)
        self._faults[item.page] = files if isinstance(files, Fault) else None
        if isinstance(files, Fault):
            return
        write = partial(_write, REGIONS / item.page, files)
        if self._kept.key(item) == self._sent[item.page]:
            self._kept.page(item, write)
        else:  # the file was replaced meanwhile
            write()


def _write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        write_bytes(folder / name, content)


class Contents:
    """Files in Ray's object store, the last one kept there: a PDF has many pages."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._last: tuple[str, Any] | None = None

    def of(self, item: PageSource) -> tuple[PageSource, Any]:
        """The page, and a reference to its file's bytes."""
        digest = file_digest(item.path)
        if self._last is None or self._last[0] != digest:
            self._last = digest, self._ray.put(item.path.read_bytes())
        return item, self._last[1]


def is_file(item: PageSource) -> bool:
    """Whether the page's file can be sent; what is wrong with others is said without sending it."""
    return not item.fault and os.access(item.path, os.R_OK)


def _pool(cluster: Cluster, settings: CropSettings) -> Pool:
    known = None
    if path := store_path():
        known = cluster.start_here(KnownPasses, path)
    given = settings, installation(settings.language), versions_of(LIBRARIES), known
    places = cluster.places("CPU", 1)
    if not places:
        raise UserError("crop.engine=ray: the cluster has no CPU")

    def start() -> Any:
        return cluster.start(CroppingActor, *given, num_cpus=1)

    return Pool(cluster.ray, "crop", start, places)
