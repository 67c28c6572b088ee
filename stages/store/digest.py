"""What makes two pieces of work the same: digests of pixels, settings and code."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from stages.pages.scans import Pixels


def work_key(work: str, pixels: Pixels) -> str:
    """The key of a result, 64 hexadecimal digits: an image, and the digest of what is done to it.

    Args:
        work: as `work_digest` gives it.
        pixels: (h, w) or (h, w, c) uint8.
    """
    digest = hashlib.sha256(f"{work} {pixels.shape} {pixels.dtype}".encode())
    digest.update(pixels.tobytes())
    return digest.hexdigest()


def work_digest(work: Mapping[str, Any]) -> str:
    """The digest of all that a result follows from besides its pixels, given as JSON values."""
    text = json.dumps(work, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def tree_digest(folder: Path, names: Iterable[str]) -> str:
    """The digest of the files that these paths in a folder are or hold, compiled code left out:
    their paths in it and contents."""
    digest = hashlib.sha256()
    for name in names:
        path = folder / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                content = file.read_bytes()
                digest.update(f"{file.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def files_digest(paths: Iterable[Path]) -> str:
    """The digest of files' names, without their folders, and contents, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content, hexadecimal; that of a scan of many pages is computed once.

    Raises:
        OSError: it cannot be read.
    """
    found = path.stat()
    return _digest_of_state(path, (found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=256)
def _digest_of_state(path: Path, _state: tuple[int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
