"""Driving DVC's queue to its end."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

POLL_S = 2.0
GONE = "Gone"


class Queue(Protocol):
    """What is driven: `sweep.queue`."""

    def states(self) -> Mapping[str, str]: ...
    def workers(self) -> int: ...
    def start_workers(self, jobs: int, /) -> None: ...
    def give_up(self, names: Sequence[str], /) -> None: ...


@dataclass
class Progress:
    """One line that is written over on a terminal, and a new one for each change elsewhere."""

    total: int
    stream: TextIO
    shown: str = ""

    def show(self, counts: Counter[str], elapsed_s: float) -> None:
        """counts: how many points are in which of DVC's states."""
        line = (
            f"sweep: {counts['Success']} of {self.total} done, {counts['Failed']} failed, "
            f"{counts['Running']} running, {counts['Queued']} queued"
        )
        if self.stream.isatty():
            clock = f"{int(elapsed_s) // 60}:{int(elapsed_s) % 60:02d}"
            print(f"\r{line}, {clock} ", end="", file=self.stream, flush=True)
        elif line != self.shown:
            print(f"{line}, {elapsed_s:.0f} s", file=self.stream, flush=True)
        self.shown = line

    def end(self) -> None:
        if self.shown and self.stream.isatty():
            print(file=self.stream)


def drive(
    names: Sequence[str], jobs: int, queue: Queue, progress: Progress, poll_s: float = POLL_S
) -> dict[str, float]:
    """Run the queue until none of `names` waits or runs.

    DVC's workers end with tasks left, so they are started again as long as some wait. A task that
    counts as running while no worker lives is given up: its worker was killed.
    The first runs alone: beside it others would crop, encode and draw the same pages again.

    Args:
        names: tasks of the queue; one that is taken out of it is not waited for.
        jobs: how many run at once from then on.

    Returns:
        For the tasks that were seen to run from start to end, the seconds it took, to `poll_s`.
    """
    began = time.monotonic()
    since: dict[str, float] = {}
    took: dict[str, float] = {}
    seen_waiting: set[str] = set()
    orphans: set[str] = set()
    last = dict.fromkeys(names, "Queued")
    try:
        while True:
            known = queue.states()
            # DVC lists what runs before what waits: what starts in between is not listed once.
            mine = {name: known.get(name, last.get(name, GONE)) for name in names}
            last = {name: state for name, state in mine.items() if name in known}
            now = time.monotonic()
            progress.show(Counter(mine.values()), now - began)
            running = {name for name, state in mine.items() if state == "Running"}
            for name in running & seen_waiting:
                since.setdefault(name, now)
            for name in since.keys() - running - took.keys():
                took[name] = now - since[name]
            waiting = {name for name, state in mine.items() if state == "Queued"}
            seen_waiting |= waiting
            if not waiting and not running:
                return took
            alive = queue.workers()
            if not alive:
                queue.give_up(sorted(running & orphans))
            orphans = set() if alive else running
            most = jobs if len(waiting) + len(running) < len(names) else 1
            if waiting and alive < min(most, len(waiting) + len(running)):
                queue.start_workers(most)
            time.sleep(poll_s)
    finally:
        progress.end()


def to_stderr(total: int) -> Progress:
    """The progress line of a command."""
    return Progress(total, sys.stderr)
