"""Runs of `dvc repro` in scratch projects: started, killed, mended as README.md says, compared."""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import psutil
import yaml
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from voluptuous import Invalid

from stages.recognize.stored import KIND

REPRO = [sys.executable, "-m", "dvc", "repro"]
OUTS = ("data/regions", "data/lines", "data/raw", "data/corrected", "data/dataset", "metrics")
PATIENCE_S = 900


def environment() -> dict[str, str]:
    """That of a run."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"HF_HUB_OFFLINE": "1", "PATH": path, "CI": "true"}


def start(project: Path, *options: str) -> subprocess.Popen[bytes]:
    """`dvc repro` in a process group of its own, which Ctrl-C can end; its words in `said`, a new
    file: what is left of a killed run writes into the one before."""
    words = project / "said"
    words.unlink(missing_ok=True)
    with words.open("wb") as said:
        return subprocess.Popen(
            ["env", "--default-signal=INT", *REPRO, *options],
            cwd=project,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def finish(project: Path, *options: str) -> str:
    """`dvc repro` to its end; what it said.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return end(start(project, *options), project)


def end(process: subprocess.Popen[bytes], project: Path) -> str:
    """Wait for a run's end; what it said.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    code = process.wait(PATIENCE_S)
    said = (project / "said").read_text(encoding="utf-8")
    if code:
        error = subprocess.CalledProcessError(code, REPRO, said)
        error.add_note(said)
        raise error
    return said


def kill(process: subprocess.Popen[bytes], kind: str, rng: random.Random) -> None:
    """Kill a run's whole process group, DVC alone, or any one of its processes."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        if kind == "all":
            os.killpg(process.pid, signal.SIGKILL)
        elif kind == "dvc":
            process.kill()
        else:
            run = psutil.Process(process.pid)
            rng.choice([*run.children(recursive=True), *_keeping_warm(run)] or [run]).kill()


def _keeping_warm(run: psutil.Process) -> list[psutil.Process]:
    """What keeps a run's stages loaded, with the stages that it has forked."""
    name = f"stages-{run.pid}"
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(name in word for word in process.info["cmdline"] or ())
    ]


def readings(project: Path) -> set[str]:
    """The keys of the readings in the result store."""
    store = project / ".cache/store.sqlite"
    if not store.exists():
        return set()
    with closing(sqlite3.connect(store)) as database, suppress(sqlite3.OperationalError):
        found = database.execute("SELECT key FROM results WHERE kind = ?", [KIND])
        return {key for (key,) in found}
    return set()


def contents(project: Path) -> dict[str, bytes]:
    """Every file of the outs, params.yaml and dvc.lock; not what DVC tries its links with."""
    found = [file for out in OUTS for file in (project / out).rglob("*") if file.is_file()]
    files = [file for file in found if file.suffix != ".tmp"]
    files += [project / name for name in ("params.yaml", "dvc.lock") if (project / name).exists()]
    return {file.relative_to(project).as_posix(): file.read_bytes() for file in files}


def differences(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """Files that differ from those of the undisturbed run."""
    return sorted(name for name in found | wanted if found.get(name) != wanted.get(name))


def bad_objects(project: Path) -> list[str]:
    """Objects in DVC's cache whose content is not the one that they are named for."""
    root = project / ".dvc/cache/files/md5"
    return [
        path.relative_to(root).as_posix()
        for path in root.glob("??/*")
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        != path.parent.name + path.name.removesuffix(".dir")
    ]


def mend(project: Path) -> list[str]:
    """What of DVC's own a kill left half-made, mended as README.md says.

    DVC writes its files in place, and makes an entry's folder in its cache of runs before the
    entry: a kill within those milliseconds leaves them empty or cut short.
    """
    locks, lock = project / ".dvc/tmp/rwlock", project / "dvc.lock"
    runs = project / ".dvc/cache/runs"
    mended = []
    if locks.exists() and locks.stat().st_size == 0:
        locks.unlink()
        mended.append("rwlock")
    if lock.exists() and not is_lock(lock):
        lock.unlink()
        mended.append("dvc.lock")
    for folder in runs.glob("*/*"):
        if not any(folder.iterdir()):
            folder.rmdir()
            mended.append("runs")
    return mended


def is_lock(path: Path) -> bool:
    """Whether DVC takes the file for its lock."""
    try:
        COMPILED_LOCKFILE_SCHEMA(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (Invalid, yaml.YAMLError):
        return False
    return True
