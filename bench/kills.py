"""python -m bench.kills [--points N] [--seed S]: kill -9 at random points, then `dvc repro`.

A small page goes through the whole pipeline undisturbed, for what should come out. Then runs in
copies of the project are killed at random moments, up to ten times in a row, in turns from nothing
and from a finished run of another page of that name, and `dvc repro` runs to its end. What is
killed is, at random, all processes of a run, DVC alone, so that a stage goes on without it, or any
one. Where a kill left DVC's own file of locks empty, which DVC then refuses to read, it is removed,
as README.md says, and counted.

All is well if `dvc.lock`, all outs and all that lies in metrics/ equal those of the undisturbed run
to the byte, every object in DVC's cache has the content that its name says, no crop was read again
that the result store had when a run was killed, the run was logged, and right after a kill nothing
lay outside of DVC's cached outs that was half-written.
"""

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.pages import copy_project
from bench.small import put_small_page
from stages.recognize.stored import KIND

KINDS = ("all", "dvc", "one")
REPRO = [sys.executable, "-m", "dvc", "repro"]
OUTS = ("data/regions", "data/lines", "data/raw", "data/corrected", "data/dataset", "metrics")
PATIENCE_S = 900
IN_A_ROW = 10
SPAN = 0.4  # of a whole run, the longest time until a kill


@dataclass
class Kill:
    """One kill: what, when and where, and the distinct crops that the store knew afterwards."""

    kind: str
    after_s: float
    stage: str
    known: int

    def __str__(self) -> str:
        return f"{self.kind} after {self.after_s:.1f} s in {self.stage}, {self.known} crops known"


@dataclass
class Disturbed:
    """A run that was killed again and again, then finished; `faults` is empty if all is well."""

    begun: str
    kills: list[Kill] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    locks_torn: int = 0

    def __str__(self) -> str:
        lines = [f"from {self.begun}: {'; '.join(self.faults) or 'well'}"]
        return "\n".join([*lines, *(f"    {kill}" for kill in self.kills)])


@dataclass(frozen=True)
class Calm:
    """An undisturbed run: its files, the store's readings, and seconds."""

    files: dict[str, bytes]
    readings: set[str]
    seconds: float


def environment() -> dict[str, str]:
    """That of a run."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"HF_HUB_OFFLINE": "1", "PATH": path, "CI": "true"}


def start(project: Path, *options: str) -> subprocess.Popen[bytes]:
    """`dvc repro` in a process group of its own, which Ctrl-C can end; its words in `said`."""
    with (project / "said").open("wb") as said:
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
    process = start(project, *options)
    code = process.wait(PATIENCE_S)
    said = (project / "said").read_text(encoding="utf-8")
    if code:
        raise subprocess.CalledProcessError(code, REPRO, said)
    return said


def kill(process: subprocess.Popen[bytes], kind: str, rng: random.Random) -> None:
    """Kill a run's whole process group, DVC alone, or any one of its processes."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        if kind == "all":
            os.killpg(process.pid, signal.SIGKILL)
        elif kind == "dvc":
            process.kill()
        else:
            found = psutil.Process(process.pid).children(recursive=True)
            rng.choice(found or [psutil.Process(process.pid)]).kill()


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


def torn(project: Path, *whole: dict[str, bytes]) -> Iterator[str]:
    """What lies where a kill leaves it, outside of DVC's outs, and is none of the whole files."""
    for name, content in contents(project).items():
        kept = name in ("params.yaml", "dvc.lock") or name.startswith("metrics/")
        if not kept or "/." in name:
            continue
        if name == "dvc.lock":
            if not content.endswith(b"\n"):
                yield f"{name} is torn"
        elif content not in [files.get(name) for files in whole]:
            yield f"{name} is torn"


def bad_objects(project: Path) -> list[str]:
    """Objects in DVC's cache whose content is not the one that they are named for."""
    root = project / ".dvc/cache/files/md5"
    return [
        path.relative_to(root).as_posix()
        for path in root.glob("??/*")
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        != path.parent.name + path.name.removesuffix(".dir")
    ]


def differences(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """Files that differ from those of the undisturbed run."""
    return sorted(name for name in found | wanted if found.get(name) != wanted.get(name))


def unlock(project: Path) -> bool:
    """Remove DVC's file of locks where a kill left it empty."""
    locks = project / ".dvc/tmp/rwlock"
    torn = locks.exists() and locks.stat().st_size == 0
    if torn:
        locks.unlink()
    return torn


def read_again(said: str, known: int) -> list[str]:
    """Whether a run began to read more crops than were not known before it."""
    told = re.search(r"recognize: (\d+) crops, (\d+) to read", said)
    if told and known + int(told[2]) > int(told[1]):
        return [f"{told[2]} of {told[1]} crops read, {known} were known"]
    return []


def killed_run(
    project: Path, calm: Calm, before: dict[str, bytes], rng: random.Random
) -> tuple[Kill | None, list[str]]:
    """Start a run and kill it; None where it ended before its moment came. And what went wrong."""
    kind, moment = rng.choice(KINDS), rng.uniform(0, calm.seconds * SPAN)
    known = len(readings(project) & calm.readings)
    process = start(project)
    with suppress(subprocess.TimeoutExpired):
        process.wait(moment)
        return None, []
    kill(process, kind, rng)
    code = process.wait(PATIENCE_S)
    said = (project / "said").read_text(encoding="utf-8")
    stages = re.findall("Running stage '(.+)'", said)
    faults = read_again(said, known)
    if kind != "dvc":
        faults += torn(project, calm.files, before)
    if kind == "one" and code and "Traceback" in said:
        faults.append(f"a traceback: {said.strip().splitlines()[-1]}")
    known = len(readings(project) & calm.readings)
    return Kill(kind, moment, stages[-1] if stages else "no stage", known), faults


def disturb(
    run: Disturbed,
    project: Path,
    calm: Calm,
    before: dict[str, bytes],
    rng: random.Random,
    *,
    limit: int,
) -> None:
    """Kill a run in `project` up to `limit` times, going on each time, then finish it.

    Args:
        run: notes what happens.
        before: the files that `project` starts from.
    """
    while len(run.kills) < limit:
        found, faults = killed_run(project, calm, before, rng)
        run.faults += faults
        if found is None:
            break
        run.kills.append(found)
        run.locks_torn += unlock(project)
    known = len(readings(project) & calm.readings)
    try:
        said = finish(project)
    except subprocess.CalledProcessError as error:
        run.faults.append(f"`dvc repro` failed afterwards: {' '.join(error.output.split())}")
        return
    run.faults += read_again(said, known) + re.findall(r"\w+: warning: .*", said)
    if changed := differences(contents(project), calm.files):
        run.faults.append(f"differ: {', '.join(changed)}")
    if broken := bad_objects(project):
        run.faults.append(f"in the cache: {', '.join(broken)}")


def prepare(root: Path) -> tuple[Path, Path, Calm, dict[str, bytes]]:
    """A project without any run, one after a run of another page, an undisturbed run of the first.

    Last come the files of the second.
    """
    bare, earlier, calm = root / "bare", root / "earlier", root / "calm"
    copy_project(bare)
    for made in (bare / "dvc.lock", bare / "params.yaml", *(bare / "metrics").glob("[!.]*.*")):
        made.unlink(missing_ok=True)
    put_small_page(bare, 1)
    subprocess.run(["git", "init", "-q"], cwd=bare, check=True)
    shutil.copytree(bare, earlier)
    finish(earlier)
    put_small_page(earlier, 0)
    put_small_page(bare, 0)
    shutil.copytree(bare, calm)
    began = time.monotonic()
    finish(calm)
    seconds = time.monotonic() - began
    return bare, earlier, Calm(contents(calm), readings(calm), seconds), contents(earlier)


def main() -> None:
    """Kill and finish until all points are made; exit code 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    runs: list[Disturbed] = []
    kills: list[Kill] = []
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        root = Path(folder)
        bare, earlier, calm, before = prepare(root)
        told = f"{calm.seconds:.1f} s, {len(calm.files)} files, {len(calm.readings)} crops"
        print(f"undisturbed: {told}", flush=True)
        while len(kills) < arguments.points:
            fresh = len(runs) % 2 == 0
            project = root / "project"
            shutil.copytree(bare if fresh else earlier, project)
            runs.append(Disturbed("nothing" if fresh else "an earlier run"))
            limit = min(IN_A_ROW, arguments.points - len(kills))
            disturb(runs[-1], project, calm, {} if fresh else before, rng, limit=limit)
            shutil.rmtree(project)
            kills += runs[-1].kills
            print(f"{len(kills)}: {runs[-1]}", flush=True)
    bad = sum(bool(run.faults) for run in runs)
    print(f"{len(kills)} kills in {len(runs)} runs, {bad} of which went wrong")
    for name in ("kind", "stage"):
        counts = Counter(getattr(kill, name) for kill in kills).most_common()
        print(f"by {name}: " + ", ".join(f"{value} {count}" for value, count in counts))
    print(f"DVC's file of locks left empty: {sum(run.locks_torn for run in runs)} times")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
