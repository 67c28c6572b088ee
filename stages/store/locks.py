"""Locks between processes, which the system undoes however a process ends."""

import fcntl
from contextlib import suppress
from pathlib import Path

WHOLE_FILE = 0


class Locks:
    """Locks on single bytes of an empty file (POSIX record locks): as many as there are keys."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def take(self, place: int, wait: bool) -> bool:
        """Lock a byte; False where another process has it and is not waited for."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, place)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a file system without locks: work may be done twice
            return True
        return True

    def release(self, place: int) -> None:
        """Let others have the byte."""
        with suppress(OSError):
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    def close(self) -> None:
        """Release all."""
        self._file.close()


def place_of(key: str) -> int:
    """The byte that stands for a key of hexadecimal digits, never `WHOLE_FILE`."""
    return 1 + int(key[:15], 16)
