"""A Ray cluster to spread work over: one joined, or one started.

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
import tempfile
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stages.errors import UserError, first_line

VARIABLE = "RAY_ADDRESS"
AUTO = "auto"
TOKEN = "one that asks for a token needs RAY_AUTH_MODE=token here, and its token"
CODE = Path(__file__).parents[1]
CONNECT_S = 10.0

# Read when Ray is imported: no telemetry, and no log lines; what matters is said by `Pool`.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
}
# Makes all that a local cluster starts listen on the loopback alone.
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """The versions of packages that are installed here."""
    return {name: version(name) for name in packages}


def other_version(wanted: Mapping[str, str]) -> str | None:
    """Why work cannot be done here as where `versions_of` gave these; None where it can."""
    for name, found in versions_of(wanted).items():
        if found != wanted[name]:
            return f"its {name} is {found}, here it is {wanted[name]}: install requirements.lock"
    return None


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
    for name, value in (QUIET if address else QUIET | LOOPBACK).items():
        environment.setdefault(name, value)
    ray = importlib.import_module("ray")
    if address:
        _require_listener(_found_by_ray() if address == AUTO else address, address)
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


def _found_by_ray() -> str:
    """The address that `auto` stands for on this machine: of a head that may have ended since.

    Raises:
        UserError: there is none.
    """
    services = importlib.import_module("ray._private.services")
    try:
        return str(services.canonicalize_bootstrap_address(AUTO))
    except (ConnectionError, ValueError) as error:  # none was found; the note of one is broken
        raise UserError(_start_fault(AUTO, error)) from None


def _require_listener(address: str, given: str) -> None:
    """Check that something listens there: Ray itself tries for minutes.

    Args:
        address: host:port.
        given: what `RAY_ADDRESS` holds, for the message.

    Raises:
        UserError: nothing does, or it is no host:port.
    """
    host, _, port = address.rpartition(":")
    if "/" in host or not port.isdecimal():
        raise UserError(
            f"{VARIABLE}={address}: give host:port of the cluster's head, or auto on one of its"
            " nodes (Ray Client, ray://, is not used here)"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except (OSError, ValueError) as error:  # a host that is no name is a ValueError
        raise UserError(f"{VARIABLE}={given}: no Ray cluster at {address} ({error})") from None


def _start_fault(address: str | None, error: Exception) -> str:
    if address:
        fault = f"{VARIABLE}={address}: no Ray cluster that can be joined ({first_line(error)})"
        return fault if address == AUTO else f"{fault}; {TOKEN}"
    return f"no Ray cluster could be started here ({first_line(error)})"
