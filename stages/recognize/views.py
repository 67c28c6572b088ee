"""Views of line crops: what the encoder makes of them, upright or sheared, and how those sheared
are read with one beam.

None of it follows from a setting of the beam search. So a sweep that tries several of these keeps
it: in the folder that `ENCODED_CROPS` names, a file for each view of a crop. What was not kept, or
cannot be read again, is made anew.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from stages.config.settings import RecognizeSettings
from stages.pages.scans import Pixels
from stages.recognize.checkpoint import Checkpoint
from stages.recognize.prepare import slanted
from stages.recognize.search import encode, search
from stages.recognize.stored import VIEWS, reading_digest
from stages.store.digest import work_key
from stages.store.shelf import Shelf


@dataclass(frozen=True)
class View:
    """A crop as the encoder gives it, (patches, width), and the token ids of its greedy reading;
    none where it was not asked for."""

    encoded: Tensor
    ids: tuple[int, ...] = ()


class Viewer:
    """Looks at crops with one checkpoint, and keeps what it sees where there is a folder for it."""

    def __init__(self, checkpoint: Checkpoint, settings: RecognizeSettings) -> None:
        self._shelf = Shelf(VIEWS)
        self._checkpoint = checkpoint
        plain = {"num_beams": 1, "n_best": 1, "alternatives": 0, "slants": []}
        self._greedy = settings.model_copy(update=plain)
        self._work = reading_digest(checkpoint.identity, self._greedy)

    def look(self, crops: Sequence[Pixels], slant: float | None = None) -> list[View]:
        """Each crop, (h, w, 3) uint8 RGB: upright, or sheared by `slant` and read with one beam."""
        if not self._shelf:
            return self._make(crops, slant)
        names = [work_key(f"{self._work} {slant}", crop) for crop in crops]
        views = [self._kept(name) for name in names]
        missing = [number for number, view in enumerate(views) if view is None]
        made = self._make([crops[number] for number in missing], slant) if missing else []
        for number, view in zip(missing, made, strict=True):
            self._keep(names[number], view)
            views[number] = view
        return [view for view in views if view]

    def _make(self, crops: Sequence[Pixels], slant: float | None) -> list[View]:
        if slant is None:
            return [View(one) for one in encode(self._checkpoint, self._greedy, crops)]
        encoded = encode(self._checkpoint, self._greedy, [slanted(crop, slant) for crop in crops])
        read = search(self._checkpoint, self._greedy, encoded)
        return [View(one, best.ids) for one, [best] in zip(encoded, read, strict=True)]

    def _kept(self, name: str) -> View | None:
        with suppress(SafetensorError, KeyError):
            kept = load(self._shelf.get(name))
            encoded = kept["encoded"].to(self._checkpoint.device)
            return View(encoded, tuple(kept["ids"].tolist()))
        return None

    def _keep(self, name: str, view: View) -> None:
        ids = torch.tensor(view.ids, dtype=torch.int64)
        self._shelf.put(name, save({"encoded": view.encoded.cpu().contiguous(), "ids": ids}))
