import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.small import small_page
from samples.__main__ import save
from stages.running.warm import VARIABLE, start_server

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30


@dataclass(frozen=True)
class Clone:
    """A temporary clone of the project as it stands here, with commands run inside it."""

    root: Path

    def run(self, *command: str, check: bool = True, **environment: str) -> str:
        """Standard output and error of a command together."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, **QUIET, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}")
        if not check and done.returncode == 0:
            raise AssertionError(f"{' '.join(command)} should have failed:\n{done.stdout}")
        return done.stdout

    def dvc(self, *arguments: str, check: bool = True, **environment: str) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, check=check, **environment)

    def stage(self, name: str, *overrides: str, check: bool = True, **environment: str) -> str:
        command = (sys.executable, "-m", f"stages.{name}", *overrides)
        return self.run(*command, check=check, **environment)

    def wait_for_warm_process(self) -> None:
        """Until the process that `dvc repro` started its stages off has seen that it ended."""
        until = time.monotonic() + PATIENCE_S
        while left := list((self.root / ".dvc/tmp").glob("stages-*")):
            assert time.monotonic() < until, left
            time.sleep(0.1)

    def commit(self) -> None:
        self.run("git", "add", "-A")
        author = ("-c", "user.name=t", "-c", "user.email=t@t")
        self.run("git", *author, "commit", "--allow-empty", "-qm", "x")


QUIET = {
    "HF_HUB_OFFLINE": "1",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@t",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@t",
    "CI": "true",
}


def clone_into(root: Path, pages: int | None) -> Clone:
    """The project's files as Git would take them now.

    Args:
        pages: with so many of the sample pages, by their names, and a few lines on each; None for
            the samples as they are.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    if pages is not None:
        names = sorted(page.name for page in (root / "data/pages").glob("[!.]*"))[:pages]
        for folder in (root / "data/pages", root / "data/transcriptions"):
            for surplus in folder.glob("[!.]*"):
                surplus.unlink()
        for number, name in enumerate(names):
            save(name, small_page(number), root / "data", with_labels=False)
    clone = Clone(root)
    clone.run("git", "init", "-q")
    clone.commit()
    return clone


@pytest.fixture(scope="session")
def new_clone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Clone]:
    """Makes clones, each in a folder of its own."""

    def make(name: str, pages: int | None = None) -> Clone:
        return clone_into(tmp_path_factory.mktemp(name), pages)

    return make


@pytest.fixture(scope="session")
def built(
    new_clone: Callable[..., Clone], tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Clone:
    """A clone of two small pages after `dvc repro`, not to be changed.

    It is built once, and each of the processes that run tests has a copy.
    """
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "built").exists():
            clone = new_clone("to-build", pages=2)
            clone.dvc("repro")
            clone.wait_for_warm_process()  # its socket cannot be copied
            clone.commit()
            clone.root.rename(shared / "built")
    root = tmp_path_factory.mktemp("mine") / "built"
    return Clone(Path(shutil.copytree(shared / "built", root, symlinks=True)))


@pytest.fixture(scope="session")
def stage_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a process answers that has loaded the stages of this checkout."""
    address = str(tmp_path_factory.mktemp("warm") / "stages")
    with start_server(address, os.getpid()) as server:
        yield address
        server.kill()


@pytest.fixture
def warm(stage_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages with the code of this checkout start warm, whatever runs them."""
    monkeypatch.setenv(VARIABLE, stage_server)


@pytest.fixture
def copy(built: Clone, tmp_path: Path) -> Clone:
    """A copy of the built clone, to change at will."""
    shutil.copytree(built.root, tmp_path / "copy", symlinks=True)
    return Clone(tmp_path / "copy")
