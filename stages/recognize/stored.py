"""Reading through the result store: each distinct crop once, in full batches over all pages.

Batches are not part of a reading's key. Small ones can change the last digit of an alternative's
log-probability, on a CPU in float32 too: the first reading kept is the one that all later runs
take, and a run that was killed goes on with the batches that it would have had.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from stages.config.settings import RecognizeSettings
from stages.errors import PageError
from stages.pages.records import Hypothesis
from stages.pages.scans import Pixels, read_rgb
from stages.recognize.engine import N_BEST, Engine, expected_length
from stages.recognize.identity import Identity
from stages.running.pool import Fault
from stages.store.digest import files_digest, work_digest, work_key
from stages.store.results import Store

KIND = "line readings"
CODE = [
    Path(__file__).with_name(name)
    for name in (
        "attention.py",
        "checkpoint.py",
        "ensemble.py",
        "prepare.py",
        "reader.py",
        "search.py",
        "views.py",
    )
]
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "tokenizers", "torch", "transformers")

# Where and how crops are gathered, and what is made of the readings: none of it changes a reading.
# The checkpoint's content, the device and the dtype count as they turned out.
IRRELEVANT = {"batch_size", "selector", "checkpoint", "revision", "device", "dtype"}
IRRELEVANT |= {"engine", "actor_cpus"}
BEAMS_ONLY = {"length_penalty", "early_stopping"}
# What views of crops (`views.py`) do not follow from, and where a sweep over these keeps them.
SEARCH = {"num_beams", "n_best", "alternatives", "doubt", "slants"} | BEAMS_ONLY
VIEWS = "ENCODED_CROPS"


@cache
def reader_digests() -> dict[str, Any]:
    """The reader's code and libraries, as they were when this process first asked: what is edited
    or installed meanwhile is not what it reads with."""
    return {
        "code": files_digest(CODE),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def reading_digest(identity: Identity, settings: RecognizeSettings) -> str:
    """The digest of all that a reading follows from besides the crop's pixels."""
    left_out = set(IRRELEVANT)
    if settings.num_beams == 1:
        left_out |= BEAMS_ONLY
    if not settings.slants:
        left_out |= {"doubt"}
    n_best = min(settings.n_best, settings.num_beams)
    return work_digest(
        {
            "kind": KIND,
            "form": N_BEST.json_schema(),
            **reader_digests(),
            "checkpoint": identity.digest,
            "device": identity.device,
            "dtype": identity.dtype,
            "settings": settings.model_dump(exclude=left_out) | {"n_best": n_best},
        }
    )


class StoredReader:
    """Reads by an `Engine` what the store does not have, and keeps it there as soon as it is read.

    The store is written by this process alone, wherever the crops are read.
    """

    def __init__(self, engine: Engine, settings: RecognizeSettings, store: Store) -> None:
        self._engine = engine
        self._work = reading_digest(engine.identity, settings)
        self._store = store
        self._faults: dict[str, Fault] = {}
        self._keys: dict[Path, str] = {}
        self._lengths: dict[str, float] = {}

    def fill(self, crops: Iterable[Path]) -> None:
        """Read all crops that the store does not have, each distinct one once, the shortest first:
        a batch takes as long as its longest.

        What another process is reading is left to it, and waited for at the end. Says on stderr
        how many crops are read.

        Args:
            crops: image files.
        """
        paths: dict[str, Path] = {}
        for path in crops:
            paths.setdefault(self._key(path), path)
        shortest = sorted(self._store.missing(paths), key=lambda key: (self._lengths[key], key))
        waiting = dict.fromkeys(shortest)
        at_first = len(waiting)
        print(f"recognize: {len(paths)} crops, {len(waiting)} to read", file=sys.stderr)
        with tqdm(total=len(waiting), desc="recognize", unit="crop", disable=None) as bar:
            while waiting:
                with self._store.claimed(waiting, self._engine.at_once) as claimed:
                    self._read(claimed, lambda key: read_rgb(paths[key]), bar.update)
                if not claimed:
                    with self._store.claimed(list(waiting)[:1], wait=True):
                        pass  # another process has ended with it: it is there, or ours to read
                missing = self._store.missing(waiting)
                waiting = dict.fromkeys(key for key in missing if key not in self._faults)
                bar.update(at_first - len(waiting) - bar.n)

    def read(self, crops: Sequence[Path]) -> list[list[Hypothesis]]:
        """The n-best hypotheses of each crop, as `Reader.read`.

        Args:
            crops: image files, whose pixels stay as they are while this object lives.

        Raises:
            PageError: one of them cannot be read.
        """
        keys = [self._key(crop) for crop in crops]
        found = dict(zip(keys, crops, strict=True))
        known = self._store.get(found)
        missing = [key for key in found if key not in known and key not in self._faults]
        known |= self._read(missing, lambda key: read_rgb(found[key]))
        for number, key in enumerate(keys, 1):
            if key in self._faults:
                reason = self._faults[key].reason
                raise PageError(f"line crop {number} of {len(crops)} cannot be read ({reason})")
        return [N_BEST.validate_python(known[key]) for key in keys]

    def _key(self, crop: Path) -> str:
        if crop not in self._keys:
            pixels = read_rgb(crop)
            self._keys[crop] = key = work_key(self._work, pixels)
            self._lengths[key] = expected_length(pixels)
        return self._keys[crop]

    def _read(
        self, keys: Sequence[str], load: Callable[[str], Pixels], told: Callable[[int], Any] = int
    ) -> dict[str, Any]:
        """Read these, keep them as they come, and tell how many came; JSON values by key."""
        values: dict[str, Any] = {}
        if not keys:  # an engine that is asked for nothing would load its checkpoint for it
            return values
        for found in self._engine.read(keys, load):
            faults = {key: value for key, value in found.items() if isinstance(value, Fault)}
            read = {key: value for key, value in found.items() if key not in faults}
            self._store.put(KIND, read)
            self._faults |= faults
            values |= read
            told(len(found))
        return values
