"""Files written whole or not at all, and what the system refuses told in one line."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from stages.errors import UserError

ROOM = "free some space"
RIGHTS = "make it writable for you (`chmod -R u+rwX` on its folder)"
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
    return UserError(f"{named}: {fault}; {CURES[error.errno]}, then `dvc repro` goes on from here")


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which becomes `path` when the block ends well.

    However it ends, there is the old one or the new one, whole.

    Raises:
        UserError: the disk is full, or the file or its folder cannot be written.
    """
    name = hashlib.md5(os.fsencode(path.name), usedforsecurity=False).hexdigest()[:12]
    part = path.with_name(f".{name}.part")  # the next run writes over what a kill leaves
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                yield file
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
    except OSError as error:
        ours = error.filename in (None, str(part), str(path.parent))
        raise refusal(error, path if ours else None) or error from None


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises as `writing`."""
    with writing(path) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, UTF-8."""
    write_bytes(path, text.encode())
