"""A Ray cluster on the loopback: two nodes that work, beside the one that the driver is on."""

import importlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import pytest

PATIENCE_S = 120


@contextmanager
def two_nodes() -> Iterator[Any]:
    """Ray's `Cluster` with one CPU on each of two nodes; `RAY_ADDRESS` names it meanwhile."""
    folder = tempfile.mkdtemp(prefix="rt-", dir="/tmp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", folder)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # else it listens everywhere
        ray = importlib.import_module("ray.cluster_utils")
        head = {"include_dashboard": False, "num_cpus": 0}
        cluster = ray.Cluster(initialize_head=True, head_node_args=head)
        try:
            for _ in range(2):
                cluster.add_node()
            patch.setenv("RAY_ADDRESS", cluster.address)
            yield cluster
        finally:
            cluster.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


def lose_a_node(cluster: Any, method: str) -> None:
    """Kill a node in the middle of a call of an actor's method, once there is one.

    Args:
        method: as Ray names the process meanwhile: `Actor.method`.
    """
    node, actor = _first_at_work(list(cluster.worker_nodes), method)
    cluster.remove_node(node, allow_graceful=False)
    with suppress(psutil.NoSuchProcess):
        actor.kill()


def _first_at_work(nodes: list[Any], method: str) -> tuple[Any, psutil.Process]:
    """The node and process of an actor that is at a call, stopped there."""

    def at_work(process: psutil.Process) -> bool:
        return method in " ".join(process.cmdline())

    raylets = [psutil.Process(node.all_processes["raylet"][0].process.pid) for node in nodes]
    for _ in range(PATIENCE_S * 100):
        for node, raylet in zip(nodes, raylets, strict=True):
            for process in raylet.children():
                with suppress(psutil.Error):
                    if at_work(process):
                        process.suspend()
                        if at_work(process):
                            return node, process
                        process.resume()
        time.sleep(0.01)
    raise AssertionError(f"{method} was not called")
