"""python -m stages.running.warm_server ADDRESS PID: what stages are forked off, to start warm.

The other side of `warm.py`.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from stages.config.composition import CONF, compose_yaml, parse
from stages.correct.channel.language import language_model
from stages.evaluate.tracking.store import set_client_defaults
from stages.running.warm import ACCEPTED
from stages.store.digest import tree_digest
from stages.store.kept import package_versions

# In the order in which `dvc repro` comes to need them; the first are loaded before any answer.
FIRST = ("stages.segment.__main__", "stages.recognize.__main__", "stages.recognize.reader")
THEN = (
    "stages.correct.__main__",
    "stages.assemble.__main__",
    "stages.evaluate.__main__",
    "stages.evaluate.tracking.run",
    "stages.crop.__main__",
    "stages.params",
)
# Else torch, asked whether there is a GPU, opens it, and no fork could use it any more.
NO_OPENING = "PYTORCH_NVML_BASED_CUDA_CHECK"
BYTES = 1 << 16


def code_in(folder: Path) -> str:
    """A digest of the stages' code, and of what it is run with, in a checkout."""
    return tree_digest(folder, ("dvc.yaml", "pyproject.toml", "stages"))


def serve(address: str, process: int) -> NoReturn:
    """Load the stages, and run what is asked for, each in a fork, until that process ends."""
    loaded = code_in(Path.cwd())
    ended = os.pidfd_open(process)
    with socket.socket(socket.AF_UNIX) as listening:
        _bind(listening, address)
        listening.listen()  # whoever asks already waits
        threading.Thread(target=_end_with, args=(ended, address), daemon=True).start()
        to_load = _loads()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
        while True:
            asked, _, _ = select.select([listening], [], [], 0 if to_load else None)
            if asked:
                _fork(listening, loaded)
            else:
                to_load.pop(0)()


def _end_with(process: int, address: str) -> NoReturn:
    """Wait for the end of a process, by its file descriptor, then end, whatever is being loaded."""
    select.select([process], [], [])
    with suppress(FileNotFoundError):
        Path(address).unlink()
    os._exit(0)


def _bind(listening: socket.socket, address: str) -> None:
    """At an address that a process of this number may have left; who may connect may run code."""
    with suppress(FileNotFoundError):
        Path(address).unlink()
    before = os.umask(0o077)
    listening.bind(address)
    os.umask(before)


def _loads() -> list[Callable[[], object]]:
    """Load what takes longest; what is to be called to load the rest, one after the other."""
    os.environ.setdefault(NO_OPENING, "1")
    set_client_defaults()  # MLflow reads some of them when it is imported
    for name in FIRST:
        import_module(name)
    usual = parse(compose_yaml(), str(CONF)).correct.channel.known_words
    return [
        *(partial(import_module, name) for name in THEN),
        package_versions,
        lambda: import_module("stages.evaluate.tracking.run").load_client(),
        lambda: language_model(usual),
    ]


def _fork(listening: socket.socket, loaded: str) -> None:
    connection, _ = listening.accept()
    gc.freeze()  # what is looked through for garbage is copied
    if os.fork() == 0:
        listening.close()
        with suppress(OSError):
            _attend(connection, loaded)
        os._exit(0)
    connection.close()


def _attend(connection: socket.socket, loaded: str) -> None:
    """Run what one caller asks for, tell its exit code, and end it if the caller goes."""
    line, streams, _, _ = socket.recv_fds(connection, BYTES, 3)
    while not line.endswith(b"\n"):
        more = connection.recv(BYTES)
        if not more:
            return
        line += more
    request: dict[str, Any] = json.loads(line)
    folders = Path(request["folder"]), Path.cwd()
    if request["python"] != sys.prefix or any(code_in(folder) != loaded for folder in folders):
        return
    connection.sendall(ACCEPTED)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        connection.close()
        _become(request, streams)
    with suppress(OSError):  # as the child does itself: it may be killed before
        os.setpgid(child, child)
    for stream in streams:
        os.close(stream)
    threading.Thread(target=_heed, args=(connection, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    connection.sendall(b"%d\n" % (code if code >= 0 else 128 - code))


def _heed(connection: socket.socket, child: int) -> None:
    """Hand on the caller's Ctrl-C; once it is gone, kill the process and what that started."""
    with suppress(ProcessLookupError):
        with suppress(OSError):
            while connection.recv(BYTES):
                os.killpg(child, signal.SIGINT)
        os.killpg(child, signal.SIGKILL)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Run the module as Python's `-m` would have, and exit."""
    os.setpgid(0, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[0] = request["folder"]
    sys.argv = ["-m", *request["arguments"]]
    module, code = request["module"], 1
    for name in (module, f"{module}.__main__"):  # runpy warns of modules that are there already
        if name in (*FIRST, *THEN):
            sys.modules.pop(name, None)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        else:
            code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        for file in (sys.stdout, sys.stderr):
            with suppress(OSError):
                file.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
