"""Where line crops are read: in this process, or by what else has an `Engine`'s methods."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from pydantic import TypeAdapter

from stages.cluster import Fault
from stages.pages import Pixels
from stages.recognize.checkpoint import Checkpoint, load_checkpoint
from stages.recognize.reader import Reader
from stages.records import Hypothesis
from stages.settings import RecognizeSettings
from stages.workers import worker_count

N_BEST = TypeAdapter(list[Hypothesis])

# By its key, a crop's n-best as JSON values, or why the crop cannot be read.
Readings = dict[str, Any | Fault]


class Engine(Protocol):
    """Reads crops; which crops, and what becomes of the readings, is its caller's affair.

    Attributes:
        checkpoint: what it reads with; the model itself may be elsewhere.
        at_once: as many crops as it wants to be given at a time, to be busy with.
    """

    @property
    def checkpoint(self) -> Checkpoint: ...
    @property
    def at_once(self) -> int: ...
    def read(self, keys: Sequence[str], load: Callable[[str], Pixels]) -> Iterator[Readings]:
        """The readings of all these, as they are done."""


class LocalEngine:
    """Reads on this machine: on a CPU, in one process a core."""

    def __init__(self, checkpoint: Checkpoint, settings: RecognizeSettings) -> None:
        self.checkpoint = checkpoint
        self.at_once = settings.batch_size
        on_cpu = checkpoint.device.type == "cpu"
        self._reader = Reader(checkpoint, settings, worker_count() if on_cpu else 1)

    def read(self, keys: Sequence[str], load: Callable[[str], Pixels]) -> Iterator[Readings]:
        """As `Engine.read`, in one piece."""
        found = self._reader.read([load(key) for key in keys])
        yield dict(zip(keys, as_json(found), strict=True))


@contextmanager
def local_engine(settings: RecognizeSettings) -> Iterator[LocalEngine]:
    """The engine of this process.

    Raises:
        UserError: as `load_checkpoint`.
    """
    yield LocalEngine(load_checkpoint(settings), settings)


def as_json(readings: Sequence[list[Hypothesis]]) -> list[Any]:
    """The n-best of each crop as JSON values, without the fields that have their default value."""
    return [N_BEST.dump_python(n_best, mode="json", exclude_defaults=True) for n_best in readings]
