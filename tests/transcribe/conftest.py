"""A small project that was read, without running the stages; servers and windows on it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error

from tests.evaluate.report.conftest import browser
from tests.transcribe.project import ROOT, make_project
from tests.transcribe.window import KEPT, soon


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its root, which is the working directory too."""
    make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Server:
    """`python -m transcribe` on a project, as a process of its own."""

    def __init__(self, root: Path, port: int | None = None) -> None:
        self.root = root
        command = [sys.executable, "-m", "transcribe", "--no-browser"]
        command += [] if port is None else ["--port", str(port)]
        self.process = subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.told = self.process.stdout.readline()
        assert self.told, self.process.communicate()[1]
        self.address = self.told.split()[1]
        self.port = int(self.address.split(":")[2].split("/")[0])

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.communicate()

    def interrupt(self) -> tuple[int, str]:
        """As Ctrl-C does: the exit status, and what it said."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out + err


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for many tests: it keeps nothing that is not on the disk."""
    root = tmp_path_factory.mktemp("running")
    make_project(root)
    started = Server(root)
    yield started
    started.kill()


@pytest.fixture
def windows(browser: Browser) -> Iterator[Browser]:
    """A browser whose windows are closed after the test, once all they typed has arrived."""
    yield browser
    for context in browser.contexts:
        for page in context.pages:
            with suppress(Error, AssertionError):
                soon(lambda page=page: page.evaluate(KEPT) == [], 5)
        context.close()


@pytest.fixture
def server(running: Server) -> Server:
    """The same, nothing typed yet."""
    for typed in [*running.root.glob("data/drafts/*.json"), *running.root.glob("data/*/*.yaml")]:
        typed.unlink()
    return running


__all__ = ["Server", "browser", "project", "running", "server", "windows"]
