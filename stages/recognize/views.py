"""Views of line crops: what the encoder makes of them, upright or sheared, and how those sheared
are read with one beam.

None of it follows from a setting of the beam search. So a sweep that tries several of these keeps
it: in the folder that `ENCODED_CROPS` names, a file for each view of a crop. What cannot be kept,
or read again, is made anew, as where the folder is gone: the sweep has ended.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from stages.config.settings import RecognizeSettings
from stages.files import PART
from stages.pages.scans import Pixels
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.prepare import slanted
from stages.recognize.search import encode, search
from stages.recognize.stored import VIEWS, reading_digest
from stages.store.digest import work_key

LEFT_FREE = 1 << 30  # bytes: what is kept should not fill the disk


@dataclass(frozen=True)
class View:
    """A crop as the encoder gives it, (patches, width), and the token ids of its greedy reading;
    none where it was not asked for."""

    encoded: Tensor
    ids: tuple[int, ...] = ()


class Viewer:
    """Looks at crops with one checkpoint, and keeps what it sees where there is a folder for it."""

    def __init__(self, checkpoint: Checkpoint, settings: RecognizeSettings) -> None:
        folder = os.environ.get(VIEWS)
        self._folder = Path(folder) if folder else None
        self._checkpoint = checkpoint
        plain = {"num_beams": 1, "n_best": 1, "alternatives": 0, "slants": []}
        self._greedy = settings.model_copy(update=plain)
        self._work = reading_digest(checkpoint.identity, self._greedy)

    def look(self, crops: Sequence[Pixels], slant: float | None = None) -> list[View]:
        """Each crop, (h, w, 3) uint8 RGB: upright, or sheared by `slant` and read with one beam."""
        if self._folder is None:
            return self._make(crops, slant)
        paths = [self._folder / work_key(f"{self._work} {slant}", crop) for crop in crops]
        views = [self._kept(path) for path in paths]
        missing = [number for number, view in enumerate(views) if view is None]
        made = self._make([crops[number] for number in missing], slant) if missing else []
        for number, view in zip(missing, made, strict=True):
            _keep(paths[number], view)
            views[number] = view
        return [view for view in views if view]

    def _make(self, crops: Sequence[Pixels], slant: float | None) -> list[View]:
        if slant is None:
            return [View(one) for one in encode(self._checkpoint, self._greedy, crops)]
        encoded = encode(self._checkpoint, self._greedy, [slanted(crop, slant) for crop in crops])
        read = search(self._checkpoint, self._greedy, encoded)
        return [View(one, best.ids) for one, [best] in zip(encoded, read, strict=True)]

    def _kept(self, path: Path) -> View | None:
        with suppress(OSError, SafetensorError, KeyError):
            kept = load(path.read_bytes())
            encoded = kept["encoded"].to(self._checkpoint.device)
            return View(encoded, tuple(kept["ids"].tolist()))
        return None


def _keep(path: Path, view: View) -> None:
    part = path.with_name(f".{path.name}.{token_hex(4)}{PART}")
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < LEFT_FREE:
            return
        ids = torch.tensor(view.ids, dtype=torch.int64)
        part.write_bytes(save({"encoded": view.encoded.cpu().contiguous(), "ids": ids}))
        part.replace(path)
