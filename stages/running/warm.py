"""Stages that start warm: forked off a process that has loaded all their libraries.

Of what a stage takes for a few pages, most is the loading of libraries. A sweep runs seven stages
at each of its points, so it keeps a process that has loaded them (`warm_server.py`):
`python -m stages.NAME` asks it, over the socket that `STAGE_SERVER` names, to run the stage in a
fork of itself, with the caller's folder, environment, arguments and streams. Where nobody answers,
or that process has loaded other code than the folder holds, or its own has been edited since, the
stage runs as ever.
"""

import json
import os
import socket
import sys
from pathlib import Path

VARIABLE = "STAGE_SERVER"
ACCEPTED = b"accepted\n"


def run_warm(address: str) -> None:
    """Let the process at `address` run this one's module, and exit as it did.

    Returns only where it cannot: the module runs as ever then.
    """
    if sys.orig_argv[1] != "-m":
        return  # it has options of Python's own
    module, *arguments = sys.orig_argv[2:]
    request = {
        "module": module,
        "arguments": arguments,
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "python": sys.prefix,
    }
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(address)
            line = json.dumps(request).encode() + b"\n"
            if rest := line[socket.send_fds(server, [line], [0, 1, 2]) :]:
                server.sendall(rest)
            answers = server.makefile("rb")
            accepted = answers.readline() == ACCEPTED
        except OSError:
            return
        if not accepted:
            return
        code = answers.readline()
    if not code:
        sys.exit(f"{module}: the process that it was forked off was killed; `dvc repro` goes on")
    os._exit(int(code))
