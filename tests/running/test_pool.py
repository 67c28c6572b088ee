import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from stages.errors import UserError
from stages.running.cluster import Cluster, connect
from stages.running.pool import TRIES, Fault, Pool
from tests.ray_nodes import two_nodes


class Doubler:
    """Doubles numbers; dies of 13, fails on 7, notes in a folder what it began."""

    def __init__(self, folder: Path, unfit: str | None = None) -> None:
        self._folder, self._unfit = folder, unfit

    def ready(self) -> str | None:
        return self._unfit

    def work(self, numbers: Sequence[int]) -> list[int]:
        (self._folder / f"{time.time_ns()}-{os.getpid()}").write_text(str(numbers))
        if 13 in numbers:
            os._exit(1)
        if 7 in numbers:
            raise ValueError("seven\nis bad")
        return [2 * number for number in numbers]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with two_nodes(), connect() as connected:
        connected.ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
        yield connected


def batches_of(size: int, numbers: Sequence[int]) -> list[list[str]]:
    return [[str(n) for n in numbers[k : k + size]] for k in range(0, len(numbers), size)]


def all_of(pool: Pool, batches: Sequence[Sequence[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in pool.each(batches, int):
        assert not found.keys() & some.keys()
        found |= some
    return found


def test_what_kills_or_fails_its_worker_is_given_up_and_the_rest_is_done(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = Pool(cluster.ray, "doubling", lambda: cluster.start(Doubler, tmp_path, num_cpus=1), 2)
    numbers = list(range(20))
    found = all_of(pool, batches_of(2, numbers))
    faults = {
        "13": Fault(f"its worker died, {TRIES} times"),
        "7": Fault(f"ValueError: seven, {TRIES} times"),
    }
    assert found == {str(n): 2 * n for n in numbers} | faults
    alone = [path.read_text() for path in tmp_path.iterdir()]
    assert alone.count("[13]") == alone.count("[7]") == TRIES
    assert capsys.readouterr().err.count("doubling: a worker died") == TRIES + 1

    assert all_of(pool, batches_of(3, [1, 2])) == {"1": 2, "2": 4}


def test_a_pool_without_a_fit_worker_is_one_line(cluster: Cluster, tmp_path: Path) -> None:
    def start() -> Any:
        return cluster.start(Doubler, tmp_path, "its Tesseract is another one", num_cpus=1)

    with pytest.raises(UserError, match=r"can do this work: its Tesseract is another one"):
        all_of(Pool(cluster.ray, "doubling", start, 2), [["1"]])


def test_nothing_to_do_starts_nothing(cluster: Cluster) -> None:
    def start() -> Any:
        raise AssertionError

    assert all_of(Pool(cluster.ray, "doubling", start, 2), []) == {}
