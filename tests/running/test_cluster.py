import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.running.cluster import CODE, Cluster, connect
from tests.ray_nodes import two_nodes


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with two_nodes(), connect() as connected:
        connected.ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
        yield connected


def test_places_are_counted_by_node(cluster: Cluster) -> None:
    assert cluster.places("CPU", 1) == 2
    assert cluster.places("CPU", 2) == cluster.places("GPU", 1) == 0


def test_the_actors_run_the_code_that_came_with_the_job(cluster: Cluster) -> None:
    class Where:
        def file(self) -> Path:
            stages = importlib.import_module("stages")
            return Path(str(stages.__file__))

    there = cluster.ray.get(cluster.start(Where, num_cpus=0).file.remote())
    assert "working_dir_files" in there.parts
    sources = {path.relative_to(CODE): path.read_bytes() for path in CODE.rglob("*.py")}
    assert {path: (there.parent / path).read_bytes() for path in sources} == sources


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ray://there:10001", "give host:port"),
        ("there", "give host:port"),
        ("127.0.0.1:9", "no Ray"),
        ("a..b:6379", "no Ray"),
        (f"{64 * 'a'}.b:6379", "no Ray"),
    ],
)
def test_an_address_without_a_cluster_is_one_line(address: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as caught, connect({"RAY_ADDRESS": address}):
        pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("noted", "reason"),
    [(None, "that can be joined"), ("", "that can be joined"), ("127.0.0.1:9", r"at \S+:9")],
)
def test_auto_where_no_head_is_any_more_is_one_line(
    noted: str | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = importlib.import_module("ray._private.services")
    monkeypatch.setattr(services, "find_gcs_addresses", set)  # no other test's cluster
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    if noted is not None:
        (tmp_path / "ray").mkdir()
        (tmp_path / "ray/ray_current_cluster").write_text(noted)
    told = pytest.raises(UserError, match=rf"^RAY_ADDRESS=auto: no Ray cluster {reason} \(.*$")
    with told, connect({"RAY_ADDRESS": "auto"}):
        pass
