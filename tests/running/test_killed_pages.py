"""A page whose process is killed, most often for its memory."""

import os
import resource
import signal
import time
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
import pytest

from stages.errors import OutOfMemoryError, UserError
from stages.running.workers import each_page_in_workers
from tests.running.numbered import Page, pages, results


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGE_WORKERS", "3")


def test_pages_whose_process_was_killed_are_tried_again_with_nothing_beside_them(
    tmp_path: Path,
) -> None:
    killed = "1", "4", "7"

    def work(page: Page) -> set[str]:
        trial = tmp_path / f"{page.page}-tried"
        if page.page in killed and not trial.exists():
            trial.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / f"{page.page}-begun").touch()
        time.sleep(0.05)
        begun = {path.name.removesuffix("-begun") for path in tmp_path.glob("*-begun")}
        done = {path.name.removesuffix("-done") for path in tmp_path.glob("*-done")}
        (tmp_path / f"{page.page}-done").touch()
        return begun - done

    found = results(work)
    assert all(isinstance(answer, set) for answer in found)
    assert [found[int(page)] for page in killed] == [{page} for page in killed]


def test_another_error_of_opencv_is_no_want_of_memory() -> None:
    with pytest.raises(RuntimeError, match="resize"):
        results(lambda page: cv2.resize(np.ones((2, 2), np.uint8), (-1, -1)))


def test_a_page_that_kills_again_is_rejected_and_no_other(tmp_path: Path) -> None:
    def work(page: Page) -> None:
        with (tmp_path / page.page).open("a") as file:
            file.write("x")
        if page.page in ("0", "7"):
            os.kill(os.getpid(), signal.SIGTERM if page.page == "7" else signal.SIGKILL)

    opened = lambda: nullcontext(work)  # noqa: E731
    before = signal.signal(signal.SIGTERM, lambda *_: os._exit(1))  # as Ray does
    try:
        rejected = each_page_in_workers("crop", pages(8), opened, "carry")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [(r.page, r.source, r.stage) for r in rejected] == [
        ("0", "0.png", "crop"),
        ("7", "7.png", "crop"),
    ]
    assert "SIGKILL" in rejected[0].reason
    assert "SIGTERM" in rejected[1].reason
    tries = [(tmp_path / str(number)).read_text() for number in range(8)]
    assert tries == ["xx", "x", "x", "x", "x", "x", "x", "xx"]
    with pytest.raises(UserError, match=r"^0\.png: the process that worked on it was killed"):
        each_page_in_workers("crop", pages(8), opened, "fail")


@pytest.mark.parametrize("library", ["numpy", "OpenCV"])
def test_a_page_too_large_for_the_memory_is_rejected(library: str) -> None:
    def work(page: Page) -> int:
        size = (
            (2, 2) if page.page != "2" else (10**6, 10**6) if library == "numpy" else (2**15,) * 2
        )
        if library == "numpy":
            return np.ones(size).size
        resource.setrlimit(resource.RLIMIT_DATA, (2**29, resource.RLIM_INFINITY))
        return cv2.resize(np.ones((2, 2), np.uint8), size).size

    found = results(work, 4)
    assert [type(answer) for answer in found] == [int, int, OutOfMemoryError, int]


@pytest.mark.parametrize(("count", "workers"), [(1, "3"), (4, "1")])
def test_with_one_page_or_one_core_too_a_killed_page_is_rejected_and_no_other(
    count: int, workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_WORKERS", workers)
    here = os.getpid()

    def work(page: Page) -> int:
        (tmp_path / str(os.getpid())).touch()
        if page.page == "0" and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    killed, *others = results(work, count)
    assert str(killed).startswith("the process that worked on it was killed, again when nothing")
    assert len(set(others)) == (count > 1)
    assert len(list(tmp_path.iterdir())) == len(set(others)) + 2  # it was tried twice
