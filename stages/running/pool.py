"""A pool of a Ray cluster's actors that outlives deaths."""

import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stages.errors import UserError, first_line

TRIES = 3
START_S = 600.0


@dataclass(frozen=True)
class Fault:
    """Why a piece of work was given up; the same text whatever machine it was on."""

    reason: str


class Pool:
    """Actors that do batches of jobs, each actor one at a time.

    An actor has two methods: `ready()`, called once, gives None, or in a line why it cannot do this
    work; `work(payloads)` gives a result for each. Only actors that are ready are given work, so a
    cluster with less room than was thought, or a node that is lost, costs time and nothing else.
    """

    def __init__(self, ray: Any, name: str, start: Callable[[], Any], size: int) -> None:
        """A pool of up to `size` actors, made by `start` when there is work.

        Args:
            name: the stage's, for messages.
        """
        self._ray = ray
        self._name = name
        self._start = start
        self._size = size
        self._starting: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._busy: dict[Any, tuple[Any, Sequence[str]]] = {}
        self._lost = 0  # starts that failed since one did not
        self._unfit = ""
        self._tries: Counter[str] = Counter()

    def each(
        self, batches: Sequence[Sequence[str]], load: Callable[[str], Any]
    ) -> Iterator[dict[str, Any]]:
        """By its key every job's result, or a `Fault`; some at a time, as they are done.

        A batch whose actor dies or raises an error is halved and tried again, so that a job that
        is to blame is soon alone; alone it is tried `TRIES` times. A dead actor is replaced.

        Args:
            batches: the jobs' keys.
            load: a job's payload by its key; called when an actor is free for it.

        Raises:
            UserError: no actor could be started.
        """
        waiting = deque(batches)
        while waiting or self._busy:
            while waiting and self._idle:
                self._give(self._idle.pop(), waiting.popleft(), load)
            while len(self._busy) + len(self._starting) + len(self._idle) < self._wanted(batches):
                self._grow()
            for ref in self._wait():
                if ref in self._starting:
                    self._started(ref)
                elif found := self._finished(ref, waiting):
                    yield found

    def _wanted(self, batches: Sequence[Sequence[str]]) -> int:
        return min(self._size, len(batches))

    def _give(self, actor: Any, batch: Sequence[str], load: Callable[[str], Any]) -> None:
        self._busy[actor.work.remote([load(key) for key in batch])] = actor, batch

    def _grow(self) -> None:
        actor = self._start()
        self._starting[actor.ready.remote()] = actor

    def _wait(self) -> list[Any]:
        """What has ended, one at least."""
        refs = [*self._busy, *self._starting]
        if not refs:
            raise UserError(f"no worker of the cluster can do this work: {self._unfit}")
        done, _ = self._ray.wait(refs, timeout=None if self._busy else START_S)
        if not done:
            raise UserError(
                f"no worker could be started in {START_S:.0f} s: the cluster has no room"
                " (`ray status` shows it)"
            )
        return list(done)

    def _started(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            unfit = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._lost += 1
            if self._lost < TRIES:
                return
            unfit = f"workers die while they start ({first_line(error)})"
        else:
            self._lost = 0
        if unfit is None:
            self._idle.append(actor)
            return
        self._size -= 1
        if unfit != self._unfit:
            self._say(f"a worker is left out: {unfit}")
        self._unfit = unfit
        self._ray.kill(actor)

    def _finished(self, ref: Any, waiting: deque[Sequence[str]]) -> dict[str, Any]:
        """What it gave; nothing where a batch has to be tried again."""
        actor, batch = self._busy.pop(ref)
        try:
            results = self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            self._idle.append(actor)
            reason = f"{type(error.cause).__name__}: {first_line(error.cause)}"
        except self._ray.exceptions.RayError:
            self._ray.kill(actor)
            self._say("a worker died; what it was at is tried again")
            reason = "its worker died"
        else:
            self._idle.append(actor)
            return dict(zip(batch, results, strict=True))
        if len(batch) > 1:
            middle = len(batch) // 2
            waiting.extend((batch[:middle], batch[middle:]))
            return {}
        self._tries[batch[0]] += 1
        if self._tries[batch[0]] < TRIES:
            waiting.append(batch)
            return {}
        return {batch[0]: Fault(f"{reason}, {TRIES} times")}

    def _say(self, text: str) -> None:
        print(f"{self._name}: {text}", file=sys.stderr)
