"""DVC's queue of experiments: what stands in it, what runs it, what has come out of it.

A point's experiment is named after the sweep and a digest of what its scores follow from: all
settings, the code and the data. So a sweep that is started again finds what is there already.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from dvc.exceptions import DvcException
from dvc.repo import Repo

from stages.config.composition import CONF
from stages.config.settings import Params
from stages.errors import UserError
from sweep.presets import Point

WORKERS = Path(".dvc/tmp/exps/celery")
PROCESSES = Path("/proc")
LOG_LINES = 12


def sources(checkpoint: str = "") -> str:
    """A digest of the tracked files that the stages depend on, as they are in the working tree.

    Args:
        checkpoint: that of the points; a folder of the project counts.

    Raises:
        UserError: this is no Git checkout, or it has no commit.
    """
    stages = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]
    needed = {dep for stage in stages.values() for dep in stage.get("deps", [])} - {str(CONF)}
    needed |= {folder} if (folder := _in_project(checkpoint)) else set()
    paths = sorted({"dvc.yaml"} | needed | {f"{dep}.dvc" for dep in needed})
    tree = _working_tree()
    return hashlib.sha256(git("ls-tree", "-r", tree, "--", *paths).encode()).hexdigest()


def _in_project(checkpoint: str) -> str:
    """Where a checkpoint lies in the project; empty where it does not."""
    if not checkpoint or not Path(checkpoint).is_dir():
        return ""
    place = os.path.relpath(checkpoint)
    return "" if Path(place).parts[0] == os.pardir else place


def _working_tree() -> str:
    """Git's name for the tracked files as they are; the index stays as it is."""
    with TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        shutil.copy2(git("rev-parse", "--git-path", "index"), index)
        git("add", "--update", index=index)
        return git("write-tree", index=index)


def digest(params: Params, code_and_data: str) -> str:
    """What tells a point's experiment from all others, 8 hexadecimal digits."""
    return hashlib.sha256((params.model_dump_json() + code_and_data).encode()).hexdigest()[:8]


def experiments() -> dict[str, str]:
    """The commits of all finished experiments by name."""
    listed = git("for-each-ref", "--format=%(refname) %(objectname)", "refs/exps")
    found = re.findall(r"^refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/(\S+) (\S+)$", listed, re.M)
    return dict(found)


def states() -> dict[str, str]:
    """The state of every task in the queue by name: Queued, Running, Success or Failed."""
    try:
        with Repo() as repo:
            tasks = repo.experiments.celery_queue.status()
    except (DvcException, FileNotFoundError):  # a worker moved a task while it was read
        time.sleep(1)
        with Repo() as repo:
            tasks = repo.experiments.celery_queue.status()
    return {task["name"]: task["status"] for task in tasks if task["name"]}


def put(points: Mapping[str, Point]) -> None:
    """Queue points by name; Ctrl-C waits for the one at hand, for which DVC puts the working tree
    aside."""
    with subprocess.Popen(
        [sys.executable, "-m", "sweep.enqueue"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        for name, point in points.items():
            with _uninterrupted():
                print(json.dumps([name, point.overrides()]), file=process.stdin, flush=True)
                told = process.stdout.readline()
            if fault := json.loads(told) if told else "it ended before that was queued":
                raise UserError(f"dvc exp run --queue --name {name}: {fault}")


def remove(names: Sequence[str]) -> None:
    """Take tasks that do not run out of the queue, with their logs."""
    if names:
        _dvc("queue", "remove", *names)


def workers() -> int:
    """How many of DVC's worker processes live, those included that are just starting."""
    infos = [json.loads(path.read_text("utf-8")) for path in WORKERS.glob("dvc-exp-worker-*.json")]
    return sum(info["returncode"] is None and _lives(info["pid"]) for info in infos)


def start_workers(jobs: int) -> None:
    """Let up to `jobs` workers run in the background; they need `dvc` on the PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # A pipe would be inherited by the workers, and stay open.
    subprocess.run(
        [sys.executable, "-m", "dvc", "queue", "start", "--jobs", str(jobs)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": path},
        check=True,
    )


def stop_workers() -> None:
    """Let the workers end after what they run now; the rest stays queued."""
    _dvc("queue", "stop")


def give_up(names: Sequence[str]) -> None:
    """Mark tasks as failed that no worker runs any more; those that end meanwhile are left."""
    for name in names:
        with suppress(UserError):
            _dvc("queue", "kill", name)


def log_end(name: str) -> str:
    """The last lines of a task's log, or why there is none."""
    try:
        text = _dvc("queue", "logs", name)
    except UserError as error:
        return str(error)
    return "\n".join(text.strip().splitlines()[-LOG_LINES:])


def _lives(process: int) -> bool:
    """Whether the process is a worker of DVC's queue; after a restart the number may be another's.

    Without /proc any process of this number counts.
    """
    if PROCESSES.is_dir():
        with suppress(OSError):
            return b"queue-worker" in (PROCESSES / str(process) / "cmdline").read_bytes()
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _dvc(*arguments: str) -> str:
    return _told([sys.executable, "-m", "dvc", *arguments], f"dvc {' '.join(arguments)}")


def git(*arguments: str, index: Path | None = None) -> str:
    """What Git prints, less white space round it.

    Raises:
        UserError: it fails.
    """
    environment = {"GIT_INDEX_FILE": str(index)} if index else {}
    return _told(["git", *arguments], f"git {arguments[0]}", environment).strip()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C take effect at the end; commands have sessions of their own, out of its reach."""
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _told(command: list[str], shown: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        start_new_session=True,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode != 0:
        fault = " ".join((done.stderr.strip() or done.stdout.strip()).split())
        raise UserError(f"{shown}: {fault}")
    return done.stdout
