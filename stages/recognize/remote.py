"""Reading on a Ray cluster: actors that load the checkpoint once, one a GPU or a share of CPUs."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stages.config.settings import RecognizeSettings
from stages.errors import UserError
from stages.pages.scans import Pixels
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.engine import Readings, as_json
from stages.recognize.identity import Identity, identify
from stages.recognize.reader import Reader
from stages.recognize.stored import LIBRARIES, reading_digest
from stages.running.cluster import Cluster, connect, other_version, versions_of
from stages.running.pool import Pool

# Batches for each actor between one look at the store and the next; at the end of each some wait.
BATCHES_AHEAD = 8

Files = Mapping[str, NDArray[np.uint8]]


class ReadingActor:
    """Reads batches of crops on whatever machine it is on; see `stages.running.pool.Pool`.

    Args:
        settings: with the device and the dtype that it has to be.
        files: the checkpoint folder's contents; None where `settings.checkpoint` is a hub id.
        work: the digest of all that a reading follows from, which has to be the same here.
        versions: the libraries' versions on the driver's machine.
    """

    def __init__(
        self, settings: RecognizeSettings, files: Files | None, work: str, versions: dict[str, str]
    ) -> None:
        self._settings = settings
        self._files = files
        self._work = work
        self._versions = versions
        self._reader: Reader | None = None

    def ready(self) -> str | None:
        """Load the checkpoint; why crops cannot be read here as the driver would read them."""
        if unfit := other_version(self._versions):
            return unfit
        try:
            checkpoint = self._load()
            reader = Reader(checkpoint, self._settings)
        except UserError as error:
            return str(error)
        self._files = None
        if reading_digest(checkpoint.identity, self._settings) != self._work:
            return "its code or checkpoint is not what it was given"
        self._reader = reader
        return None

    def work(self, crops: Sequence[bytes]) -> list[Any]:
        """The n-best of each crop, packed by `pack`, as JSON values."""
        assert self._reader
        return as_json(self._reader.read([unpack(crop) for crop in crops]))

    def _load(self) -> Checkpoint:
        if self._files is None:
            return load_checkpoint(self._settings)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in self._files.items():
                content.tofile(Path(folder) / name)
            return load_checkpoint(self._settings.model_copy(update={"checkpoint": folder}))


class RayEngine:
    """An `Engine` on the actors of a cluster."""

    def __init__(self, cluster: Cluster, settings: RecognizeSettings) -> None:
        """The engine; its actors are started when there is something to read.

        Raises:
            UserError: as `identify`, or the cluster has no such device.
        """
        device, places = _places(cluster, settings)
        self.identity = identify(settings, device)
        self.at_once = BATCHES_AHEAD * places * settings.batch_size
        self._batch_size = settings.batch_size
        share = {"num_gpus": 1} if device == "cuda" else {"num_cpus": settings.actor_cpus}
        given: list[Any] = []

        def start() -> Any:
            if not given:
                given.extend(_actor_arguments(cluster, self.identity, settings))
            return cluster.start(ReadingActor, *given, **share)

        self._pool = Pool(cluster.ray, "recognize", start, places)

    def read(self, keys: Sequence[str], load: Callable[[str], Pixels]) -> Iterator[Readings]:
        """As `Engine.read`, batch by batch."""
        starts = range(0, len(keys), self._batch_size)
        batches = [keys[start : start + self._batch_size] for start in starts]
        return self._pool.each(batches, lambda key: pack(load(key)))


@contextmanager
def ray_engine(settings: RecognizeSettings) -> Iterator[RayEngine]:
    """The engine on the cluster that `stages.running.cluster.connect` gives."""
    with connect() as cluster:
        yield RayEngine(cluster, settings)


def _places(cluster: Cluster, settings: RecognizeSettings) -> tuple[str, int]:
    """The device to read on, and how many actors there is room for."""
    gpus, cpus = cluster.places("GPU", 1), cluster.places("CPU", settings.actor_cpus)
    if settings.device == "cuda" or (settings.device == "auto" and gpus):
        if not gpus:
            raise UserError("recognize.device=cuda: the cluster has no GPU")
        return "cuda", gpus
    if not cpus:
        raise UserError(
            f"recognize.actor_cpus={settings.actor_cpus}: no node of the cluster has as many"
        )
    return "cpu", cpus


def _actor_arguments(
    cluster: Cluster, identity: Identity, settings: RecognizeSettings
) -> Iterator[Any]:
    """What a `ReadingActor` is given: a folder's contents once, through Ray's object store."""
    changes = {key: getattr(identity, key) for key in ("device", "dtype", "revision")}
    yield settings.model_copy(update=changes)
    folder = Path(settings.checkpoint)
    yield cluster.ray.put(read_files(folder) if folder.is_dir() else None)
    yield reading_digest(identity, settings)
    yield versions_of(LIBRARIES)


def read_files(folder: Path) -> Files:
    """The contents of a checkpoint folder's files by their names."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    return {path.name: np.fromfile(path, dtype=np.uint8) for path in files}


def pack(crop: Pixels) -> bytes:
    """An RGB crop (h, w, 3) as PNG, in one channel where it has no colour."""
    gray = bool((crop == crop[..., :1]).all())
    _, png = cv2.imencode(".png", crop[..., 0] if gray else cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))
    return np.asarray(png, dtype=np.uint8).tobytes()


def unpack(png: bytes) -> Pixels:
    """The crop that `pack` packed, pixel for pixel."""
    pixels: Any = cv2.imdecode(np.frombuffer(png, dtype=np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)
