"""What one point of a sweep leaves to the others while it runs: of no use to later runs."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from stages.files import PART

LEFT_FREE = 1 << 30  # bytes: what is kept should not fill the disk


class Shelf:
    """Contents by name, in the folder that an environment variable names; where it names none, or
    one that is gone, as when the sweep has ended, nothing is kept."""

    def __init__(self, variable: str) -> None:
        folder = os.environ.get(variable)
        self._folder = Path(folder) if folder else None

    def __bool__(self) -> bool:
        """Whether anything is kept."""
        return self._folder is not None and self._folder.is_dir()

    def get(self, name: str) -> bytes:
        """What lies there under this name, however damaged; empty where there is nothing."""
        if self._folder:
            with suppress(OSError):
                return (self._folder / name).read_bytes()
        return b""

    def put(self, name: str, content: bytes) -> None:
        """Keep it, if there is room."""
        if not self._folder:
            return
        part = self._folder / f".{name}.{token_hex(4)}{PART}"
        with suppress(OSError):
            if shutil.disk_usage(self._folder).free >= LEFT_FREE:
                part.write_bytes(content)
                part.replace(self._folder / name)
