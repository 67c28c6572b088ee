"""What a sweep keeps for its points while it runs.

A process that has loaded the stages' libraries (`stages/running/warm.py`) and, where it tries
several settings of the beam search, what the encoder made of crops (`stages/recognize/views.py`).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.recognize.stored import SEARCH, VIEWS
from stages.running.warm import OFF, VARIABLE, start_server
from sweep.presets import Sweep

FOLDER = Path(".cache/encoded")


@contextmanager
def kept_for(sweep: Sweep) -> Iterator[None]:
    """Keep both for workers that are started meanwhile; what these run goes on when it ends."""
    searched = {f"recognize.{name}" for name in SEARCH} & {*sweep.grid, *sweep.ranges}
    with _warm_stages(), _encoded_crops() if searched else nullcontext():
        yield


@contextmanager
def _encoded_crops() -> Iterator[None]:
    folder = FOLDER.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[VIEWS] = str(folder)
    try:
        yield
    finally:
        del os.environ[VIEWS]
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _warm_stages() -> Iterator[None]:
    if os.environ.get(VARIABLE) == OFF:
        yield
        return
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
