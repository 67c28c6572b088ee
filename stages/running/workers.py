"""Pages worked on side by side, in one process a core; one that is killed costs no other page."""

import os
import sys
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from multiprocessing.connection import Connection, wait
from typing import Any

import cv2
from tqdm import tqdm

from stages.errors import OutOfMemoryError, PageError, UserError
from stages.pages.records import Rejection, StageName
from stages.running.forked import Answer, Forked, Item, Opened, Result
from stages.running.runner import Item as Page
from stages.running.runner import rejection

VARIABLE = "PAGE_WORKERS"

Answers = Generator[tuple[int, Answer[Result]], None, None]


def worker_count(environment: Mapping[str, str] = os.environ) -> int:
    """One process for each core that this one may use, or `PAGE_WORKERS`.

    Raises:
        UserError: `PAGE_WORKERS` is no number above 0.
    """
    named = environment.get(VARIABLE, "")
    if named and not (named.isdecimal() and int(named)):
        raise UserError(f"{VARIABLE}={named}: give the number of processes, 1 or more")
    return int(named) if named else len(os.sched_getaffinity(0))


def each_page_in_workers(
    stage: StageName, items: Sequence[Page], opened: Opened[Page, Any], on_reject: str
) -> list[Rejection]:
    """As `runner.each_page`, side by side; `opened` as for `in_workers`."""
    rejections = []
    with closing(in_workers(stage, items, opened)) as answers:
        for item, answer in zip(items, answers, strict=True):
            if isinstance(answer, PageError):
                rejections.append(rejection(stage, item, answer, on_reject))
    return rejections


def in_workers(
    name: str | None,
    items: Sequence[Item],
    opened: Opened[Item, Result],
    processes: int | None = None,
) -> Generator[Result | PageError, None, None]:
    """The result of every item, or why it has none, in the items' order.

    Processes are forked, for one core or one item too: none that is killed ends the run. Results
    must pickle, what cannot live through a fork, such as a database, is opened by `opened`, and
    torch has to be held to one thread there.
    An item whose process is killed, most often for its memory, is tried once more with nothing
    beside it. A line on stderr that several processes have to say is said once.

    Args:
        name: the progress bar's; None for no bar.
        opened: gives the work on an item; a PageError is that item's alone, anything else raised
            ends all.
        processes: how many at most; None for `worker_count`.

    Raises:
        UserError: raised by the work.
        RuntimeError: the work in another process raised something else; has its traceback.
    """
    count = max(1, min(processes or worker_count(), len(items)))
    completed = _twice(items, opened, count)
    answers: dict[int, Any] = {}
    told: set[str] = set()
    following = 0
    quiet = True if name is None else None
    with closing(completed), tqdm(total=len(items), desc=name, unit="page", disable=quiet) as bar:
        for index, answer in completed:
            for line in answer.said.splitlines():
                if line not in told:
                    told.add(line)
                    bar.write(line, file=sys.stderr)
            bar.update()
            answers[index] = answer.error or answer.result
            while following in answers:
                yield answers.pop(following)
                following += 1


def _twice(items: Sequence[Item], opened: Opened[Item, Result], count: int) -> Answers[Result]:
    """All items side by side, then those that failed for want of memory one by one."""
    again = []
    for index, answer in _side_by_side(range(len(items)), items, opened, count):
        if isinstance(answer.error, OutOfMemoryError):
            again.append(index)
        else:
            yield index, answer
    yield from _side_by_side(again, items, opened, 1)


def _side_by_side(
    indices: Sequence[int], items: Sequence[Item], opened: Opened[Item, Result], count: int
) -> Answers[Result]:
    """The answers of these items as they come."""

    def start() -> Forked:
        workers.append(Forked(items, opened))
        return workers[-1]

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # before the fork: OpenCV's threads do not live through it
    workers: list[Forked] = []
    waiting = deque(indices)
    busy: dict[Connection, tuple[Forked, int]] = {}
    try:
        idle = [start() for _ in range(min(count, len(waiting)))]
        while waiting or busy:
            while waiting and idle:
                worker, index = idle.pop(), waiting.popleft()
                worker.give(index)
                busy[worker.connection] = worker, index
            ready = wait(list(busy))
            for connection in [connection for connection in busy if connection in ready]:
                worker, index = busy.pop(connection)
                answer = worker.answer()
                if answer.error is not None and not isinstance(answer.error, PageError):
                    raise answer.error
                idle.append(start() if waiting and worker.ended else worker)
                yield index, answer
        for worker in workers:
            worker.end()
    finally:
        for worker in workers:
            worker.kill()
        cv2.setNumThreads(threads)
