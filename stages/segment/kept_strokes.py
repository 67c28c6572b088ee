"""A region's strokes, which no threshold plays a part in: a sweep over these keeps them, in the
folder that `KEPT_STROKES` names."""

import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from stages.ink import find_components
from stages.pages.scans import read_rgb
from stages.segment.strokes import Strokes, find_strokes
from stages.store.digest import file_digest, work_digest
from stages.store.kept import code_digest, package_versions
from stages.store.shelf import Shelf

VARIABLE = "KEPT_STROKES"


def strokes_of(scan: Path, scale: float) -> Strokes:
    """As `find_strokes` of the region in this file, found now or by another point of a sweep."""
    shelf = Shelf(VARIABLE)
    if not (shelf and scan.is_file()):
        return find_strokes(read_rgb(scan), scale)
    name = _name(scan, scale)
    with suppress(zlib.error, SafetensorError, KeyError):
        return _unpacked(zlib.decompress(shelf.get(name)))
    strokes = find_strokes(read_rgb(scan), scale)
    shelf.put(name, zlib.compress(_packed(strokes), level=1))
    return strokes


def _name(scan: Path, scale: float) -> str:
    """Of all that strokes follow from: what a sweep that was killed has left may be of other
    code."""
    return work_digest(
        {
            "code": code_digest("segment"),
            "packages": package_versions(),
            "scan": file_digest(scan),
            "scale": scale,
        }
    )


def _packed(strokes: Strokes) -> bytes:
    packed: bytes = save(
        {
            "masks": np.packbits([strokes.ink, strokes.upright_rules], axis=2),
            "measures": np.array([strokes.height, strokes.slope, strokes.ink.shape[1]]),
        }
    )
    return packed


def _unpacked(packed: bytes) -> Strokes:
    kept = load(packed)
    height, slope, width = kept["measures"].tolist()
    ink, upright = np.unpackbits(kept["masks"], axis=2, count=int(width)).astype(np.bool_)
    return Strokes(ink, upright, find_components(ink), height, slope)
