"""Reading through the result store: each distinct crop once, in full batches over all pages.

Batches are not part of a reading's key. On a CPU in float32 they change no digit of what is
written; where they do, the first reading kept is the one that all later runs take, and a run that
was killed goes on with the batches that it would have had.
"""

import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter
from tqdm import tqdm

from stages.pages import Pixels, read_rgb
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.reader import Reader
from stages.records import Hypothesis
from stages.settings import RecognizeSettings
from stages.store.digest import files_digest, work_digest, work_key
from stages.store.results import Store
from stages.workers import worker_count

KIND = "line readings"
N_BEST = TypeAdapter(list[Hypothesis])
CODE = [
    Path(__file__).with_name(name)
    for name in ("attention.py", "checkpoint.py", "prepare.py", "reader.py")
]
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "tokenizers", "torch", "transformers")

# How crops are gathered, and what is made of the readings: none of it changes a reading. The
# checkpoint's content, the device and the dtype count as they turned out.
IRRELEVANT = {"batch_size", "selector", "checkpoint", "revision", "device", "dtype"}
BEAMS_ONLY = {"length_penalty", "early_stopping"}


def reading_digest(checkpoint: Checkpoint, settings: RecognizeSettings) -> str:
    """The digest of all that a reading follows from besides the crop's pixels."""
    left_out = IRRELEVANT if settings.num_beams > 1 else IRRELEVANT | BEAMS_ONLY
    n_best = min(settings.n_best, settings.num_beams)
    return work_digest(
        {
            "kind": KIND,
            "code": files_digest(CODE),
            "form": N_BEST.json_schema(),
            "libraries": {name: version(name) for name in LIBRARIES},
            "checkpoint": checkpoint.digest,
            "device": checkpoint.device.type,
            "dtype": str(checkpoint.dtype),
            "settings": settings.model_dump(exclude=left_out) | {"n_best": n_best},
        }
    )


class StoredReader:
    """A `Reader` that reads what the store does not have, and keeps every batch there."""

    def __init__(self, checkpoint: Checkpoint, settings: RecognizeSettings, store: Store) -> None:
        on_cpu = checkpoint.device.type == "cpu"
        self._reader = Reader(checkpoint, settings, worker_count() if on_cpu else 1)
        self._batch_size = settings.batch_size
        self._work = reading_digest(checkpoint, settings)
        self._store = store

    def fill(self, crops: Iterable[Path]) -> None:
        """Read all crops that the store does not have, each distinct one once.

        What another process is reading is left to it, and waited for at the end. Says on stderr
        how many crops are read.

        Args:
            crops: image files.
        """
        paths: dict[str, Path] = {}
        for path in crops:
            paths.setdefault(self._key(read_rgb(path)), path)
        waiting = dict.fromkeys(self._store.missing(paths))
        print(f"recognize: {len(paths)} crops, {len(waiting)} to read", file=sys.stderr)
        with tqdm(total=len(waiting), desc="recognize", unit="crop", disable=None) as bar:
            while waiting:
                with self._store.claimed(waiting, self._batch_size) as batch:
                    self._read([(key, read_rgb(paths[key])) for key in batch])
                if not batch:
                    with self._store.claimed(list(waiting)[:1], wait=True):
                        pass  # another process has ended with it: it is there, or ours to read
                left = dict.fromkeys(self._store.missing(waiting))
                bar.update(len(waiting) - len(left))
                waiting = left

    def read(self, crops: Sequence[Pixels]) -> list[list[Hypothesis]]:
        """As `Reader.read`."""
        found = {key: crop for crop in crops if (key := self._key(crop))}
        known = self._store.get(found)
        known |= self._read([(key, crop) for key, crop in found.items() if key not in known])
        return [N_BEST.validate_python(known[self._key(crop)]) for crop in crops]

    def _key(self, crop: Pixels) -> str:
        return work_key(self._work, crop)

    def _read(self, crops: Sequence[tuple[str, Pixels]]) -> dict[str, object]:
        """Read and keep these; JSON values by key."""
        readings = self._reader.read([crop for _, crop in crops])
        values: dict[str, object] = {
            key: N_BEST.dump_python(found, mode="json", exclude_defaults=True)
            for (key, _), found in zip(crops, readings, strict=True)
        }
        self._store.put(KIND, values)
        return values
