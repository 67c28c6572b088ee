"""Work spread over a Ray cluster: one joined or started, and a pool of actors that outlives deaths.

With `RAY_ADDRESS` (`auto` or `host:port`) the cluster there is joined; without it one is started on
this machine, on the loopback only, and stopped at the end. The actors' code is this very `stages`
package, which travels with the job; their Python and its packages are a requirement: the versions
of requirements.lock, on every node. Ray is imported only where a cluster is asked for.
"""

import importlib
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.errors import UserError

VARIABLE = "RAY_ADDRESS"
CODE = Path(__file__).parents[1]
TRIES = 3
START_S = 600.0
CONNECT_S = 10.0

# Read when Ray is imported: no telemetry, and no log lines; what matters is said by `Pool`.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
}
# Makes all that a local cluster starts listen on the loopback alone.
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


@dataclass(frozen=True)
class Fault:
    """Why a piece of work was given up; the same text whatever machine it was on."""

    reason: str


@dataclass(frozen=True)
class Cluster:
    """A cluster that is connected; `ray` is Ray's module."""

    ray: Any

    def places(self, resource: str, share: float) -> int:
        """How many actors fit that take `share` of a node's `CPU` or `GPU` each."""
        nodes = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        return sum(int(node.get(resource, 0) // share) for node in nodes)

    def start(self, actor: type, *given: Any, **options: Any) -> Any:
        """The handle of a new actor of this class, with Ray's options (`num_cpus` ...)."""
        return self.ray.remote(actor).options(**options).remote(*given)

    def start_here(self, actor: type, *given: Any) -> Any:
        """The handle of a new actor on this very machine, which takes none of its CPUs."""
        here = self.ray.get_runtime_context().get_node_id()
        place = importlib.import_module("ray.util.scheduling_strategies")
        strategy = place.NodeAffinitySchedulingStrategy(here, soft=False)
        return self.start(actor, *given, num_cpus=0, scheduling_strategy=strategy)


@contextmanager
def connect(environment: MutableMapping[str, str] = os.environ) -> Iterator[Cluster]:
    """The cluster that `RAY_ADDRESS` names, or one started here for as long as the block lasts.

    Raises:
        UserError: there is none at that address, or its Python or Ray is another version.
    """
    address = environment.get(VARIABLE)
    if address and address != "auto":
        _require_listener(address)
    for name, value in (QUIET if address else QUIET | LOOPBACK).items():
        environment.setdefault(name, value)
    ray = importlib.import_module("ray")
    # sockets lie in it, whose paths may have 107 characters: not below a long TMPDIR
    scratch = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    local = {} if address else {"include_dashboard": False, "_temp_dir": str(scratch)}
    # by itself: with more in it all would travel, without it a checkout at this path would be used
    code = scratch / "code"
    shutil.copytree(CODE, code / CODE.name, ignore=shutil.ignore_patterns("__pycache__"))
    try:
        try:
            ray.init(
                address=address or "local",
                logging_level=logging.CRITICAL,
                log_to_driver=False,
                runtime_env={"working_dir": str(code)},
                **local,
            )
        except Exception as error:  # Ray raises errors of many kinds, bare RuntimeErrors among them
            raise UserError(_start_fault(address, error)) from None
        yield Cluster(ray)
    finally:
        ray.shutdown()
        shutil.rmtree(scratch, ignore_errors=True)


def _require_listener(address: str) -> None:
    """Check that something listens there: Ray itself tries for minutes."""
    host, _, port = address.rpartition(":")
    if "/" in host or not port.isdecimal():
        raise UserError(
            f"{VARIABLE}={address}: give host:port of the cluster's head, or auto on one of its"
            " nodes (Ray Client, ray://, is not used here)"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except OSError as error:
        raise UserError(f"{VARIABLE}={address}: no Ray cluster there ({error})") from None


def _start_fault(address: str | None, error: Exception) -> str:
    if address:
        return f"{VARIABLE}={address}: no Ray cluster that can be joined ({_line(error)})"
    return f"no Ray cluster could be started here ({_line(error)})"


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
            unfit = f"workers die while they start ({_line(error)})"
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
            reason = f"{type(error.cause).__name__}: {_line(error.cause)}"
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


def _line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:200] if text else type(error).__name__
