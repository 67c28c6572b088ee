"""A sweep's stages start warm: see `stages/running/warm.py`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.running.warm import VARIABLE, start_server


@contextmanager
def warm_stages() -> Iterator[None]:
    """Let the stages of workers that are started meanwhile be forked off one process.

    What it has forked goes on when it ends.
    """
    with TemporaryDirectory() as folder:
        address = str(Path(folder) / "stages")
        server = start_server(address, os.getpid())
        os.environ[VARIABLE] = address
        try:
            yield
        finally:
            del os.environ[VARIABLE]
            if server.poll() is not None:
                fault = "the process that keeps the stages loaded ended early"
                print(f"sweep: warning: {fault}; they ran, but slower", file=sys.stderr)
            server.kill()
            with server:
                pass
