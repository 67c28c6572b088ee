"""Where line crops are read: in this process, or by what else has an `Engine`'s methods."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import TypeAdapter

from stages.config.settings import RecognizeSettings
from stages.pages.records import Hypothesis
from stages.pages.scans import Pixels
from stages.recognize.identity import Identity, identify
from stages.running.pool import Fault
from stages.running.workers import worker_count

if TYPE_CHECKING:
    from stages.recognize.reader import Reader

N_BEST = TypeAdapter(list[Hypothesis])

# By its key, a crop's n-best as JSON values, or why the crop cannot be read.
Readings = dict[str, Any | Fault]


class Engine(Protocol):
    """Reads crops; which crops, and what becomes of the readings, is its caller's affair.

    Attributes:
        identity: of what it reads with; the model itself may be elsewhere, or not loaded yet.
        at_once: as many crops as it wants to be given at a time, to be busy with.
    """

    @property
    def identity(self) -> Identity: ...
    @property
    def at_once(self) -> int: ...
    def read(self, keys: Sequence[str], load: Callable[[str], Pixels]) -> Iterator[Readings]:
        """The readings of all these, as they are done."""


class LocalEngine:
    """Reads on this machine: on a CPU, in one process a core."""

    def __init__(self, settings: RecognizeSettings) -> None:
        """The engine; its checkpoint is loaded when there is something to read.

        Raises:
            UserError: as `identify`.
        """
        self.identity = identify(settings)
        self.at_once = settings.batch_size
        self._settings = settings

    @cached_property
    def _reader(self) -> "Reader":
        import torch  # noqa: PLC0415

        from stages.recognize.checkpoint import load_checkpoint  # noqa: PLC0415
        from stages.recognize.reader import Reader  # noqa: PLC0415

        processes = 1
        if self.identity.device == "cpu":
            processes = worker_count()
            torch.set_num_threads(processes)  # for few crops, which one process reads
        meant = self._settings.model_copy(update={"revision": self.identity.revision})
        return Reader(load_checkpoint(meant), self._settings, processes)

    def read(self, keys: Sequence[str], load: Callable[[str], Pixels]) -> Iterator[Readings]:
        """As `Engine.read`, in one piece.

        Raises:
            UserError: as `load_checkpoint`.
        """
        found = self._reader.read([load(key) for key in keys])
        yield dict(zip(keys, as_json(found), strict=True))


@contextmanager
def local_engine(settings: RecognizeSettings) -> Iterator[LocalEngine]:
    """The engine of this process.

    Raises:
        UserError: as `identify`.
    """
    yield LocalEngine(settings)


def expected_length(crop: Pixels) -> float:
    """What a crop's text is about as long as: its width over its height."""
    height, width, _ = crop.shape
    return float(width / height)


def as_json(readings: Sequence[list[Hypothesis]]) -> list[Any]:
    """The n-best of each crop as JSON values, without the fields that have their default value."""
    return [N_BEST.dump_python(n_best, mode="json", exclude_defaults=True) for n_best in readings]
