"""Files written whole or not at all, and what the system refuses told in one line."""

import errno
import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from stages.errors import UserError

PART = ".part"
UNFINISHED_S = 60
ROOM = "free some space"
RIGHTS = "make it writable for you (`chmod -R u+rwX` on its folder)"
PLACE = "name another place, or move away what lies there"
CURES = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EFBIG: "raise the limit on a file's size (`ulimit -f`)",
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: "mount its disk for writing",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`)",
    errno.ENFILE: "raise the system's limit on open files",
    errno.ENOMEM: "free some memory",
    errno.EIO: "look after its disk",
    errno.ENOTDIR: PLACE,
    errno.EISDIR: PLACE,
    errno.EEXIST: PLACE,
}


def refusal(error: OSError, path: Path | None = None) -> UserError | None:
    """What the system refused, with the file and the cure; None if that is no matter of a person's.

    Args:
        path: the file, where the error does not name it.
    """
    if error.errno not in CURES:
        return None
    named = path or error.filename or "a temporary file"
    fault = (error.strerror or "").lower()
    return UserError(f"{named}: {fault}; {CURES[error.errno]}, then run the command again")


@contextmanager
def replacing(path: Path, durable: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which becomes `path` when the block ends well (POSIX rename).

    However it ends, there is the old one or the new one, whole. A link is replaced: behind it may
    lie an object of DVC's cache.

    Args:
        durable: it is on the disk before this ends, should the machine stop.

    Raises:
        OSError: it cannot be written.
    """
    name = hashlib.md5(os.fsencode(path.name), usedforsecurity=False).hexdigest()[:12]
    # of a stage's file the next run writes over what a kill leaves; others may have two writers
    part = path.with_name(f".{name}{f'.{token_hex(4)}' if durable else ''}{PART}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    if durable:
        _sync(path.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def clear_unfinished(folder: Path) -> None:
    """Remove what killed durable writers left in a folder, but what may still be written."""
    for left in folder.glob(f".*{PART}"):
        ours = re.fullmatch(rf"\.[0-9a-f]{{12}}\.[0-9a-f]{{8}}\{PART}", left.name)
        if ours and left.stat().st_mtime < time.time() - UNFINISHED_S:
            left.unlink()


@contextmanager
def writing(path: Path, durable: bool = False) -> Iterator[BinaryIO]:
    """As `replacing`, for people.

    Raises:
        UserError: the disk is full, or the file or its folder cannot be written.
    """
    try:
        with replacing(path, durable) as file:
            yield file
    except OSError as error:
        named = error.filename is not None and not str(error.filename).endswith(PART)
        told = refusal(error, None if named else path)
        raise told or UserError(f"{path}: cannot be written ({error.strerror})") from None


def write_bytes(path: Path, content: bytes, durable: bool = False) -> None:
    """Write a file whole or not at all; raises as `writing`."""
    with writing(path, durable) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, UTF-8."""
    write_bytes(path, text.encode())
