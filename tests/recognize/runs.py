"""`python -m stages.recognize` many times over, in processes that share one start of the libraries.

A server loads them, and forks a process for every run: a real one, to be killed at will. Each run
notes the crops that its reader begins, one digest a line.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVER = """
import hashlib, json, os, runpy, sys
from pathlib import Path
import transformers.models.trocr, transformers.models.vision_encoder_decoder
import stages.recognize.stored
from stages.recognize.reader import Reader

real = Reader.read

def run(folder, log, store, arguments):
    os.chdir(folder)
    os.environ["RESULT_STORE"] = store
    os.dup2(os.open(log + ".stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    noted = Path(log).open("a")

    def read(self, crops):
        for crop in crops:
            print(hashlib.sha256(crop.tobytes()).hexdigest(), file=noted, flush=True)
        return real(self, crops)

    Reader.read = read
    sys.argv[1:] = arguments
    runpy.run_module("stages.recognize", run_name="__main__", alter_sys=True)

for line in sys.stdin:
    asked = json.loads(line)
    if isinstance(asked, int):
        print(os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1]), flush=True)
    elif pid := os.fork():
        print(pid, flush=True)
    else:
        code = 1
        try:
            run(*asked)
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
"""


class Server:
    """Starts runs; to be closed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, given: object) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def start(self, folder: Path, log: Path, store: str, *arguments: str) -> "Run":
        return Run(self, self.ask([str(folder), str(log), store, arguments]), log)

    def close(self) -> None:
        self._process.communicate()


@dataclass(frozen=True)
class Run:
    """A run that has been started."""

    server: Server
    pid: int
    log: Path

    def kill(self) -> None:
        """Kill it, unless it has ended well already."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.server.ask(self.pid) in (-signal.SIGKILL, 0)

    def finish(self) -> str:
        """What it wrote to stderr, once it has ended well."""
        code = self.server.ask(self.pid)
        told = Path(f"{self.log}.stderr").read_text()
        assert code == 0, told
        return told


def outputs(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project / "data/raw").iterdir())}


def entries(store: Path) -> dict[str, bytes]:
    if not store.exists():
        return {}
    with closing(sqlite3.connect(store)) as database:
        return dict(
            database.execute(
                "SELECT key, value FROM results WHERE kind = 'line readings'"
            ).fetchall()
        )
