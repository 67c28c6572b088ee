"""python -m bench.faults [CASE ...]: faults caused for real, in scratch copies of the project.

full        a full disk (a small tmpfs), in every stage and under `dvc repro`
readonly    a folder that may not be written, in every stage
interrupt   Ctrl-C under `dvc repro`, while a stage's libraries load and while it works
twice       two `dvc repro` at once
queue       four queued experiments at once, on one result store
clock       a clock that is set back by a year (needs `faketime`)

A case that ends well says what the user was told; afterwards `dvc repro` must give what an
undisturbed run gives, to the byte.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.pages import all_stages, copy_project
from bench.runs import contents, differences, environment, finish, mend, readings, start
from bench.small import put_small_page

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


def interrupted(project: Path, stage: str, after_s: float) -> Told:
    """`dvc repro` of one stage, as a terminal's foreground job, and Ctrl-C so long after it began.

    The seconds are those from Ctrl-C until all has ended.
    """
    process = start(project, "--force", "--single-item", stage)
    while "Running stage" not in (project / "said").read_text(encoding="utf-8"):
        time.sleep(0.01)
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGINT)
    pressed = time.monotonic()
    code = process.wait()
    seconds = time.monotonic() - pressed
    return Told((project / "said").read_text(encoding="utf-8"), code, seconds)


def judged(
    what: str, told: Told, well: bool, project: Path, calm: Path
) -> Iterator[tuple[str, Told, bool]]:
    """A case, and what `dvc repro` makes of the project afterwards.

    DVC's own files, which it does not write whole or not at all, are mended as README.md says.
    """
    what += "".join(f", {name} torn" for name in mend(project))
    yield what, told, well
    try:
        finish(project)
        left = ", ".join(differences(contents(project), contents(calm)))
    except subprocess.CalledProcessError as error:
        left = error.output
    if left:
        yield f"{what}, the next run", Told(left, 0), False


def full(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """Every stage, then the whole pipeline, on a full disk."""
    for stage in all_stages(calm):
        project = new()
        for out in outs(project, stage) if stage != "params" else []:
            remove(out)
        room = "0" if stage in ("params", "correct") else "4K"
        told = on_full_disk(project, stage_command(stage), room)
        yield from judged(stage, told, told.well and "no space left" in told.line, project, calm)
    for room in ("40K", "400K", "1600K"):
        project = new()
        for name in ("dvc.lock", ".cache", ".dvc/cache", ".dvc/tmp", "mlflow.db"):
            remove(project / name)
        told = on_full_disk(project, [sys.executable, "-m", "dvc", "repro"], room)
        yield from judged(f"dvc repro, {room} left", told, told.code != 0, project, calm)


def readonly(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """Every stage where its folder may not be written."""
    for stage in all_stages(calm):
        project = new()
        told = read_only(project, stage)
        yield from judged(stage, told, told.well and "denied" in told.line, project, calm)


def interrupt(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """Ctrl-C in every stage, early and late."""
    project = new()
    for stage in all_stages(calm):
        began = time.monotonic()
        finish(project, "--force", "--single-item", stage)
        seconds = time.monotonic() - began
        for share in (0.1, 0.5):
            told = interrupted(project, stage, share * seconds)
            # between stages, and while Python takes itself down after one, DVC alone says it
            lines = ("goes on from here", "interrupted by the user", "exited with -2")
            said = any(line in told.said for line in lines)
            in_time = told.seconds < STOPS_WITHIN_S
            yield f"{stage}, after {share * seconds:.1f} s", told, told.well and said and in_time
        yield from judged(f"{stage}, then all", told, True, project, calm)


def twice(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """A second `dvc repro` while the first works."""
    project = new()
    first = start(project, "--force")
    while "Running stage 'crop'" not in (project / "said").read_text(encoding="utf-8"):
        time.sleep(0.05)
    second = run([sys.executable, "-m", "dvc", "repro"], project)
    well = second.well and "busy" in second.said
    yield "the second", second, well
    code = first.wait()
    changed = differences(contents(project), contents(calm))
    yield "the first", Told(", ".join(changed), code), code == 0 and not changed


def queue(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """Four experiments that read the same crops anew, at once."""
    project = new()
    run(["git", "add", "-A"], project)
    run(["git", "-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "all"], project)
    before = len(readings(project))
    dvc = [sys.executable, "-m", "dvc"]
    for chain in ("none", "channel", "symspell", "notebook"):
        put = ["exp", "run", "--queue", "-S", "recognize.num_beams=2", "-S", f"correct={chain}"]
        run([*dvc, *put], project)
    run([*dvc, "queue", "start", "--jobs", "4"], project)
    while "Running" in (status := run([*dvc, "queue", "status"], project).said) or (
        "Queued" in status
    ):
        time.sleep(2)
    made = len(readings(project)) - before
    well = status.count("Success") == 4 and made == before
    yield f"{made} crops read once", Told(status, 0), well


def clock(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """A run a year ago, over what was made today."""
    if not shutil.which("faketime"):
        return
    project = new()
    again = [sys.executable, "-m", "dvc", "repro", "--force"]
    told = run(["faketime", "-f", "-365d", *again], project)
    changed = differences(contents(project), contents(calm))
    yield "a year back", Told(", ".join(changed), told.code), told.code == 0 and not changed


CASES = {case.__name__: case for case in (full, readonly, interrupt, twice, queue, clock)}


def main() -> None:
    """Run the cases; exit code 1 where one ended badly."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], metavar="CASE")
    chosen = parser.parse_args().cases or list(CASES)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        root = Path(folder)
        calm = root / "calm"
        copy_project(calm)
        put_small_page(calm, 0)
        subprocess.run(["git", "init", "-q"], cwd=calm, check=True)
        finish(calm)

        def new() -> Path:
            shutil.rmtree(root / "copy", ignore_errors=True)
            return shutil.copytree(calm, root / "copy", symlinks=True)

        for name in chosen:
            for what, told, well in CASES[name](calm, new):
                bad += not well
                ended = f" ({told.seconds:.1f} s)" if told.seconds else ""
                shown = told.line or told.said.strip()[-400:]
                print(f"{'well' if well else 'BAD '} {name}: {what}{ended}: {shown}", flush=True)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
