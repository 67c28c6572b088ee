"""python -m stages.running.warm_server ADDRESS: what stages are forked off, to start warm.

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
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from stages.config.composition import CONF, compose_yaml, parse
from stages.correct.channel.language import language_model
from stages.evaluate.tracking.store import set_client_defaults
from stages.running.warm import ACCEPTED
from stages.store.digest import tree_digest

LOADED = (
    "stages.params",
    "stages.crop.__main__",
    "stages.segment.__main__",
    "stages.recognize.__main__",
    "stages.recognize.reader",
    "stages.correct.__main__",
    "stages.assemble.__main__",
    "stages.evaluate.__main__",
    "stages.evaluate.tracking.run",
)
BYTES = 1 << 16


def code_in(folder: Path) -> str:
    """A digest of the stages' code, and of what it is run with, in a checkout."""
    return tree_digest(folder, ("dvc.yaml", "pyproject.toml", "stages"))


def serve(address: str) -> None:
    """Load the stages, then run what is asked for, each in a fork, until standard input ends."""
    loaded = code_in(Path.cwd())
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        _load()
        listening.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                with suppress(OSError):
                    _attend(connection, loaded)
                os._exit(0)
            connection.close()


def _load() -> None:
    set_client_defaults()  # MLflow reads some of them when it is imported
    for name in LOADED:
        import_module(name)
    import_module("stages.evaluate.tracking.run").load_client()
    usual = parse(compose_yaml(), str(CONF))
    language_model(usual.correct.channel.known_words)
    gc.freeze()  # what is looked through for garbage is copied


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
    threading.Thread(target=_end_without, args=(connection, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    connection.sendall(b"%d\n" % (code if code >= 0 else 128 - code))


def _end_without(connection: socket.socket, child: int) -> None:
    """Kill the process and what it started once the caller is gone."""
    with suppress(OSError):
        connection.recv(1)
    with suppress(ProcessLookupError):
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
        if name in LOADED:
            sys.modules.pop(name)
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
    serve(sys.argv[1])
