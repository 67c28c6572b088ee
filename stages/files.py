"""Files written whole or not at all, and what the system refuses told in one line."""

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

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


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that, however this ends, there is the old one or the new one, whole.

    Raises:
        UserError: the disk is full, or the file or its folder cannot be written.
    """
    name = hashlib.md5(os.fsencode(path.name), usedforsecurity=False).hexdigest()[:12]
    part = path.with_name(f".{name}.part")  # the next run writes over what a kill leaves
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise refusal(error, path) or error from None


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, UTF-8."""
    write_bytes(path, text.encode())
