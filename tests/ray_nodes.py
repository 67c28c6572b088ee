"""A Ray cluster on the loopback: two nodes that work, beside the one that the driver is on."""

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


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
