"""Faults that `python -m bench.faults` causes in a project, and what was said then."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.runs import end, environment, start

# The project is moved into a file system of its own, all but a few bytes of which are taken, and
# afterwards back as it was left.
FULL_DISK = """
mount -t tmpfs -o size=400m tmpfs "$1" && cp -a "$2/." "$1" && cd "$1" || exit 77
disk=$1 project=$2 room=$3; shift 3
head -c 1G /dev/zero > filler 2> /dev/null; truncate -s "-$room" filler
"$@"; code=$?
rm -rf filler "$project"; cp -a "$disk" "$project"; exit $code
"""
UNABLE = 77
PRIVATE = ("unshare", "--map-root-user", "--mount", "sh", "-c", FULL_DISK, "full-disk")
# Root may write everywhere until it gives this up.
PLAIN = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
STOPS_WITHIN_S = 2.0


@dataclass(frozen=True)
class Told:
    """What a command said, its exit code, and the seconds it took to end."""

    said: str
    code: int
    seconds: float = 0.0

    @property
    def line(self) -> str:
        """The last line of a stage's own."""
        lines = [line for line in self.said.splitlines() if re.match(r"\w+: |ERROR|inter", line)]
        return lines[-1] if lines else ""

    @property
    def well(self) -> bool:
        """Whether it ended early, without a traceback."""
        return self.code != 0 and bool(self.line) and "Traceback" not in self.said


def outs(project: Path, stage: str) -> list[Path]:
    """What a stage writes."""
    listed = yaml.safe_load((project / "dvc.yaml").read_text("utf-8"))["stages"][stage]
    found = [out for name in ("outs", "metrics", "plots") for out in listed.get(name, [])]
    return [project / (out if isinstance(out, str) else next(iter(out))) for out in found]


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def run(command: list[str], project: Path) -> Told:
    """A command in a project."""
    done = subprocess.run(
        command,
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Told(done.stdout, done.returncode)


def stage_command(name: str) -> list[str]:
    """A stage alone."""
    return [sys.executable, "-m", f"stages.{name}"]


def on_full_disk(project: Path, command: list[str], room: str) -> Told:
    """A command where only `room`, as `truncate` has it, is left on the disk."""
    with tempfile.TemporaryDirectory() as mount:
        return run([*PRIVATE, mount, str(project), room, *command], project)


def read_only(project: Path, stage: str) -> Told:
    """A stage that may not write where its outs lie."""
    folder = outs(project, stage)[0].parent
    before = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        return run([*(PLAIN if os.geteuid() == 0 else ()), *stage_command(stage)], project)
    finally:
        folder.chmod(before)


def stage_seconds(project: Path, stage: str) -> float:
    """How long a stage takes under `dvc repro`, from its beginning to DVC's end."""
    process = _stage_begun(project, stage)
    began = time.monotonic()
    end(process, project)
    return time.monotonic() - began


def _stage_begun(project: Path, stage: str) -> subprocess.Popen[bytes]:
    process = start(project, "--force", stage)  # with those before it, of which one starts it warm
    while f"Running stage '{stage}'" not in (project / "said").read_text(encoding="utf-8"):
        if process.poll() is not None:
            end(process, project)
        time.sleep(0.01)
    return process


def interrupted(project: Path, stage: str, after_s: float) -> Told:
    """`dvc repro` of one stage, as a terminal's foreground job, and Ctrl-C so long after it began.

    Earlier, where it has ended by then: it need not take as long as the time before. The seconds
    are those from Ctrl-C until all has ended.
    """
    process = _stage_begun(project, stage)
    while _ended(process, after_s):
        after_s /= 2
        process = _stage_begun(project, stage)
    os.killpg(process.pid, signal.SIGINT)
    pressed = time.monotonic()
    code = process.wait()
    seconds = time.monotonic() - pressed
    return Told((project / "said").read_text(encoding="utf-8"), code, seconds)


def _ended(process: subprocess.Popen[bytes], within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True
