"""What a sweep keeps for its points while it runs.

A process that has loaded the stages' libraries (`stages/running/warm.py`); where it tries several
settings of the beam search, what the encoder made of crops (`stages/recognize/views.py`), and of
segmentation, the regions' strokes (`stages/segment/kept_strokes.py`).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.recognize.stored import SEARCH, VIEWS
from stages.running.warm import OFF, VARIABLE, start_server
from stages.segment.kept_strokes import VARIABLE as STROKES
from sweep.presets import Sweep

CACHE = Path(".cache")


@contextmanager
def kept_for(sweep: Sweep) -> Iterator[None]:
    """Keep all that for workers started meanwhile; what these run goes on when it ends."""
    tried = {*sweep.grid, *sweep.ranges}
    with ExitStack() as kept:
        kept.enter_context(_warm_stages())
        if tried & {f"recognize.{name}" for name in SEARCH}:
            kept.enter_context(_shelf(VIEWS))
        if any(name.startswith("segment.") for name in tried):
            kept.enter_context(_shelf(STROKES))
        yield


@contextmanager
def _shelf(variable: str) -> Iterator[None]:
    folder = (CACHE / variable.lower()).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[variable] = str(folder)
    try:
        yield
    finally:
        del os.environ[variable]
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
