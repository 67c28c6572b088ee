import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.errors import PageError, UserError
from stages.running.workers import each_page_in_workers, in_workers, worker_count
from tests.running.numbered import Page, pages, results

ROOT = Path(__file__).parents[2]
END_S = 2.0


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGE_WORKERS", "3")


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: list[int]) -> bool:
    limit = time.monotonic() + END_S
    while any(alive(pid) for pid in pids):
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from(["fine", "bad", "slow"]), max_size=9))
def test_results_are_those_of_one_process_in_the_same_order(kinds: list[str]) -> None:
    def work(page: Page) -> str:
        kind = kinds[int(page.page)]
        if kind == "bad":
            raise PageError(f"{page.page} is bad")
        time.sleep(0.01 * (kind == "slow"))
        return page.page

    found = results(work, len(kinds))
    assert [str(answer) for answer in found] == [
        f"{number} is bad" if kind == "bad" else str(number) for number, kind in enumerate(kinds)
    ]
    assert [isinstance(answer, PageError) for answer in found] == [k == "bad" for k in kinds]


def test_pages_are_worked_on_at_once_and_each_process_is_opened_once(tmp_path: Path) -> None:
    @contextmanager
    def opened() -> Iterator[Callable[[Page], int]]:
        (tmp_path / str(os.getpid())).touch()

        def work(page: Page) -> int:
            limit = time.monotonic() + 10
            while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < limit:
                time.sleep(0.01)
            return os.getpid()

        yield work
        (tmp_path / f"{os.getpid()}-closed").touch()

    found = set(in_workers("test", pages(9), opened))
    assert len(found) == 3
    names = {str(pid) for pid in found}
    left = {path.name for path in tmp_path.iterdir()}
    assert left == names | {f"{name}-closed" for name in names}


def test_without_any_page_nothing_is_opened() -> None:
    def opened() -> nullcontext[Callable[[Page], None]]:
        raise UserError("opened")

    assert list(in_workers("test", [], opened)) == []


def test_a_process_that_computed_in_threads_of_torch_has_pages_worked_on() -> None:
    code = """
import cv2, numpy, torch
from contextlib import nullcontext
from stages.running.workers import in_workers

def work(seed):
    page = numpy.random.default_rng(seed).random((400, 400))
    return round(float(cv2.GaussianBlur(page @ page, (9, 9), 2).sum()))

torch.set_num_threads(4)
torch.rand(500, 500) @ torch.rand(500, 500)
assert list(in_workers(None, range(2), lambda: nullcontext(work), 1)) == [work(0), work(1)]
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_as_many_processes_as_cores() -> None:
    cores = len(os.sched_getaffinity(0))
    assert worker_count({}) == cores
    assert worker_count({"PAGE_WORKERS": "7"}) == 7
    for wrong in ("0", "-1", "two"):
        with pytest.raises(UserError, match=f"PAGE_WORKERS={wrong}: "):
            worker_count({"PAGE_WORKERS": wrong})


def test_the_first_rejection_in_order_is_the_one_told() -> None:
    def work(page: Page) -> None:
        time.sleep(0.2 * (page.page == "1"))
        raise PageError("bad")

    with pytest.raises(UserError, match=r"^0\.png: bad$"):
        each_page_in_workers("crop", pages(8), lambda: nullcontext(work), "fail")


@pytest.mark.parametrize("where", ["work", "opened"])
def test_a_user_error_ends_all_at_once(tmp_path: Path, where: str) -> None:
    def work(page: Page) -> None:
        (tmp_path / str(os.getpid())).touch()
        if page.page == "2":
            raise UserError("kraken is not there")
        time.sleep(60)

    def opened() -> nullcontext[Callable[[Page], None]]:
        if where == "opened":
            raise UserError("kraken is not there")
        return nullcontext(work)

    begun = time.monotonic()
    with pytest.raises(UserError, match=r"^kraken is not there$"):
        list(in_workers("test", pages(8), opened))
    assert time.monotonic() - begun < END_S
    assert gone([int(path.name) for path in tmp_path.iterdir()])


def test_a_fault_of_the_program_shows_where_it_was() -> None:
    def work(page: Page) -> float:
        return 1 / int(page.page)

    with pytest.raises(RuntimeError, match=r"(?s)in work\n.*ZeroDivisionError"):
        results(work)


def test_what_all_processes_have_to_say_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    def work(page: Page) -> None:
        print("warning: the store is full", file=sys.stderr)
        if page.page == "3":
            print("warning: page 3 is odd", file=sys.stderr)

    results(work)
    told = sorted(capsys.readouterr().err.splitlines())
    assert told == ["warning: page 3 is odd", "warning: the store is full"]


def test_threads_of_the_process_before_do_not_stop_those_after() -> None:
    page = np.random.default_rng(1).integers(0, 255, (2000, 2000), np.uint8)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(4)
    try:
        blurred = cv2.GaussianBlur(page, (9, 9), 2)
        found = results(lambda _: int(cv2.GaussianBlur(page, (9, 9), 2).sum()), 4)
        assert found == [int(blurred.sum())] * 4
        assert cv2.getNumThreads() == 4
    finally:
        cv2.setNumThreads(threads)


SLEEPERS = """
import os, subprocess
from contextlib import nullcontext
from stages.running.runner import run_command
from stages.running.workers import in_workers

def work(page):
    child = subprocess.Popen(["sleep", "60"])
    os.write(1, f"{os.getpid()} {child.pid}\\n".encode())
    child.wait()

run_command("test", lambda: list(in_workers("test", range(9), lambda: nullcontext(work))))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("whole_group", [True, False])
def test_however_the_run_ends_its_processes_end(number: signal.Signals, whole_group: bool) -> None:
    process = subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-c", SLEEPERS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stderr
    started = [process.stdout.readline().split() for _ in range(3)]
    workers, children = ([int(pid) for pid in pids] for pids in zip(*started, strict=True))
    assert all(alive(pid) for pid in [*workers, *children])
    begun = time.monotonic()
    (os.killpg if whole_group else os.kill)(process.pid, number)
    code = process.wait(10)
    assert time.monotonic() - begun < END_S
    assert gone(workers)
    if number == signal.SIGINT:
        assert gone(children)
        assert code == 130
        assert process.stderr.read() == "test: interrupted; run the command again\n"
    for pid in filter(alive, children):
        os.kill(pid, signal.SIGKILL)
    process.stdout.close()
    process.stderr.close()
