"""Stages that start warm: forked off a process that has loaded all their libraries.

Of what a stage takes for a few pages, most is the loading of libraries. So a process that has
loaded them (`warm_server.py`) is kept: by a sweep, which runs seven stages at each of its points,
and by `dvc repro`, where crop starts it for recognize and those after it: for a few pages, it has
loaded what they need by the time that segment has ended.
`python -m stages.NAME` asks it, over a socket, to run the stage in a fork of itself, with the
caller's folder, environment, arguments and streams. Where nobody answers, or that process has
loaded other code than the folder holds, or its own has been edited since, the stage runs as ever.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

VARIABLE = "STAGE_SERVER"
OFF = "off"
DVC_STAGE = "DVC_STAGE"
ACCEPTED = b"accepted\n"
INTERRUPT = b"interrupt\n"


def start_warm() -> None:
    """Run this process's module in a fork of a process that has loaded it, and exit as it did.

    Asks the process that `STAGE_SERVER` names (`off`: none) or, in a stage that DVC runs, the one
    of its `dvc`. Returns only where none answers: the module runs as ever then.
    """
    if sys.orig_argv[1] != "-m":
        return  # it has options of Python's own
    address = os.environ.get(VARIABLE)
    if address is None:
        dvc = _dvc_above() if DVC_STAGE in os.environ else None
        if dvc is None or not Path(".dvc/tmp").is_dir():
            return
        address = f".dvc/tmp/stages-{dvc}"  # relative: a socket's path has 107 bytes at most
        if sys.orig_argv[2] == "stages.crop":
            start_server(address, dvc)
        if sys.orig_argv[2] in ("stages.crop", "stages.segment"):
            return
    if address != OFF:
        _run_warm(address)


def start_server(address: str, until: int) -> "subprocess.Popen[bytes]":
    """Start a process that loads the stages, then answers at `address`.

    Args:
        until: the process with whose end it ends.
    """
    environment = {k: v for k, v in os.environ.items() if k not in (VARIABLE, DVC_STAGE)}
    return subprocess.Popen(
        [sys.executable, "-m", "stages.running.warm_server", address, str(until)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )


def _dvc_above() -> int | None:
    """The process number of the `dvc` that runs this process; None where none is found."""
    import psutil  # noqa: PLC0415

    with suppress(psutil.Error, OSError):
        for process in psutil.Process().parents():
            if any(Path(word).name == "dvc" for word in process.cmdline()):
                return int(process.pid)
    return None


def _run_warm(address: str) -> None:
    module, *arguments = sys.orig_argv[2:]
    request = {
        "module": module,
        "arguments": arguments,
        "folder": str(Path.cwd()),
        "environment": {**os.environ, VARIABLE: address},  # for what the fork starts in turn
        "python": sys.prefix,
    }
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(address)
            if not _accepted(server, request):
                return
        except OSError:
            return

        def hand_on(*_: object) -> None:
            with suppress(OSError):  # the fork has just ended
                server.sendall(INTERRUPT)

        if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.SIG_DFL):
            signal.signal(signal.SIGINT, hand_on)
        code = server.makefile("rb").readline()
    if not code:
        sys.exit(f"{module}: the process that it was forked off was killed; `dvc repro` goes on")
    os._exit(int(code))


def _accepted(server: socket.socket, request: Mapping[str, object]) -> bool:
    """Whether the process runs what is asked of it, with this one's streams."""
    line = json.dumps(request).encode() + b"\n"
    if rest := line[socket.send_fds(server, [line], [0, 1, 2]) :]:
        server.sendall(rest)
    answer = b""
    while len(answer) < len(ACCEPTED) and (more := server.recv(len(ACCEPTED) - len(answer))):
        answer += more
    return answer == ACCEPTED
