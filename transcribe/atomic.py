"""Files that are there whole or as they were before, whenever the machine stops."""

import os
from pathlib import Path

BESIDE = ".{}.new"


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file at once: written beside it, flushed to the disk, then renamed (POSIX rename).

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(BESIDE.format(path.name))
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def clear_unfinished(folder: Path, pattern: str) -> None:
    """Remove what a killed `write_whole` left beside the files of a folder that match `pattern`."""
    for left in folder.glob(BESIDE.format(pattern)):
        left.unlink()
