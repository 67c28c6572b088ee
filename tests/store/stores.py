"""A store under test, and processes that use one."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]


def key(name: object) -> str:
    return sha256(str(name).encode()).hexdigest()


def noise(number: int, size: int = 3000) -> str:
    """Text that no compression makes small."""
    return Random(number).randbytes(size).hex()


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(database.execute("SELECT COUNT(*) FROM results").fetchone()[0])


def start(code: str, *arguments: object, before: tuple[str, ...] = (), **options: Any) -> Any:
    """A process that runs the code, with `store`, `key`, `noise` and `say` at hand."""
    beginning = (
        "import sys, time; from pathlib import Path; from stages.store.results import Store;"
        "from tests.store.stores import key, noise; store = Store(Path(sys.argv[1]));"
        "say = lambda text: print(text, flush=True)\n"
    )
    return subprocess.Popen(
        [*before, sys.executable, "-c", beginning + code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    said, warned = process.communicate(timeout=60)
    assert process.returncode == 0, warned
    return said, warned
