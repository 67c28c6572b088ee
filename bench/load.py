"""python -m bench.load [--pages N]: does a stage grow, or slow down, over a long run?

N small generated pages, no two with the same pixels, go through every stage of a scratch copy of
the project. A stage and the processes it starts are watched: the memory they hold (their
proportional set sizes added up, so that what forked processes share counts once), their open files,
and the pages, or the crops, that are done. Compared are the first fifth and the last fifth of the
time in which these come out; a stage that writes all at its end has its highest memory only.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from bench.growth import scratch
from bench.pages import all_stages
from bench.small import small_page
from samples.__main__ import save
from stages.pages.stored import CORRECTED, LINES, REGIONS
from stages.recognize.stored import KIND

EVERY_S = 0.5
FIFTH = 0.2
COUNTED = {"crop": REGIONS, "segment": LINES, "correct": CORRECTED}
OVERLAYS = Path("metrics/plots/overlays")


@dataclass(frozen=True)
class Look:
    """One look at a stage: seconds since its start, bytes, open files, and what is done."""

    seconds: float
    memory: int
    handles: int
    done: int


@dataclass(frozen=True)
class Course:
    """A stage's course; values of the first and of the last fifth are medians."""

    name: str
    seconds: float
    peak: int
    memory: tuple[float, float] | None
    handles: tuple[float, float] | None
    rate: tuple[float, float] | None

    @property
    def row(self) -> str:
        """The course as a row of `HEAD`."""
        cells = [self.name, f"{self.seconds:.0f}", f"{self.peak / 1e6:.0f}"]
        cells.append(_pair(self.memory, "{:.0f} → {:.0f} ({:+.0%})", 1e6))
        cells.append(_pair(self.handles, "{:.0f} → {:.0f}"))
        cells.append(_pair(self.rate, "{:.2f} → {:.2f} ({:+.0%})"))
        return f"| {' | '.join(cells)} |"


HEAD = """| stage | seconds | most MB | MB, first and last fifth | open files | done a second |
|---|--:|--:|--:|--:|--:|"""


def _pair(pair: tuple[float, float] | None, form: str, unit: float = 1) -> str:
    if pair is None:
        return "–"
    first, last = pair[0] / unit, pair[1] / unit
    return form.format(first, last, last / first - 1 if first else 0)


def counter(project: Path, stage: str) -> Callable[[], int]:
    """Tells how many pages a stage has written or, of recognize, how many crops it has read."""

    def entries(folder: Path) -> int:
        names = (path.name for path in folder.iterdir())
        return sum(not name.startswith(".") for name in names)

    def crops() -> int:
        with closing(sqlite3.connect(project / ".cache/store.sqlite")) as database:
            found = database.execute("SELECT COUNT(*) FROM results WHERE kind = ?", [KIND])
            return int(found.fetchone()[0])

    def count() -> int:
        with suppress(OSError, sqlite3.Error):
            if stage == "recognize":
                return crops()
            if stage in COUNTED or stage == "evaluate":
                return entries(project / COUNTED.get(stage, OVERLAYS))
        return 0

    return count


def held(root: psutil.Process) -> tuple[int, int]:
    """Bytes and open files of a process and all that it has started."""
    memory = handles = 0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            memory += process.memory_full_info().pss
            handles += process.num_fds()
    return memory, handles


def watch(command: Sequence[str], project: Path, count: Callable[[], int]) -> Iterator[Look]:
    """Looks at a command until it ends.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    environment.pop("RESULT_STORE", None)
    began = time.monotonic()
    with subprocess.Popen(command, cwd=project, env=environment) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                memory, handles = held(root)
                yield Look(time.monotonic() - began, memory, handles, count())
            time.sleep(EVERY_S)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def course(name: str, looks: Sequence[Look]) -> Course:
    """What became of a stage between its first result and its last."""
    seconds, peak = looks[-1].seconds, max(look.memory for look in looks)
    most = max(look.done for look in looks)
    working = [look for look in looks if 0 < look.done < most]
    if not working:
        return Course(name, seconds, peak, None, None, None)
    start, end = working[0].seconds, working[-1].seconds
    span = FIFTH * (end - start)
    first = [look for look in working if look.seconds <= start + span]
    last = [look for look in working if look.seconds >= end - span]
    if min(len(first), len(last)) < 2:
        return Course(name, seconds, peak, None, None, None)
    return Course(
        name,
        seconds,
        peak,
        (median(look.memory for look in first), median(look.memory for look in last)),
        (median(look.handles for look in first), median(look.handles for look in last)),
        (_rate(first), _rate(last)),
    )


def _rate(looks: Sequence[Look]) -> float:
    """What is done in a second."""
    return (looks[-1].done - looks[0].done) / (looks[-1].seconds - looks[0].seconds)


def main() -> None:
    """Make the pages, run and watch every stage, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    count = parser.parse_args().pages
    with tempfile.TemporaryDirectory(prefix="load-") as made:
        for number in range(count):
            save(f"sheet-{number:05d}.png", small_page(number), Path(made), with_labels=False)
        print(f"{count} pages\n{HEAD}", flush=True)
        with scratch(Path(made), count) as project:
            for name in all_stages(project):
                command = [sys.executable, "-m", f"stages.{name}"]
                looks = list(watch(command, project, counter(project, name)))
                print(course(name, looks).row, flush=True)


if __name__ == "__main__":
    main()
