"""python -m bench.faults [CASE ...]: faults caused for real, in scratch copies of the project.

full        a full disk (a small tmpfs), in every stage and under `dvc repro`
readonly    a folder that may not be written, in every stage
interrupt   Ctrl-C under `dvc repro`, while a stage's libraries load and while it works
twice       two `dvc repro` at once
queue       four queued experiments and two `dvc repro` at once, on one result store
clock       a clock that is set back by a year (needs `faketime`)

A case that ends well says what the user was told; afterwards `dvc repro` must give what an
undisturbed run gives, to the byte. A case that cannot be run here has not ended well.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.caused import (
    STOPS_WITHIN_S,
    Told,
    interrupted,
    on_full_disk,
    outs,
    read_only,
    remove,
    run,
    stage_command,
    stage_seconds,
)
from bench.pages import all_stages, copy_project
from bench.runs import contents, differences, finish, mend, readings, start
from bench.small import put_small_page


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
    for room in ("40K", "400K", "1600K", "2800K", "3400K"):
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
        seconds = stage_seconds(project, stage)
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
    """Four experiments and `dvc repro` of two checkouts that read all crops anew, at once."""
    project = new()
    run(["git", "add", "-A"], project)
    run(["git", "-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "all"], project)
    wanted = len(readings(project))
    remove(project / ".cache")
    second = shutil.copytree(project, project.with_name("second"), symlinks=True)
    (project / ".cache").mkdir()
    (second / ".cache").symlink_to(project / ".cache")
    dvc = [sys.executable, "-m", "dvc"]
    for chain in ("none", "channel", "symspell", "notebook"):
        put = ["exp", "run", "--queue", "-S", "recognize.num_beams=2", "-S", f"correct={chain}"]
        run([*dvc, *put], project)
    run([*dvc, "queue", "start", "--jobs", "4"], project)
    checkouts = {folder: start(folder, "--force") for folder in (project, second)}
    while "Running" in (status := run([*dvc, "queue", "status"], project).said) or (
        "Queued" in status
    ):
        time.sleep(2)
    for folder, process in checkouts.items():
        code = process.wait()
        changed = differences(contents(folder), contents(calm))
        told = Told(", ".join(changed) or (folder / "said").read_text("utf-8")[-400:], code)
        yield f"dvc repro in {folder.name}", told, code == 0 and not changed
    made = len(readings(project))
    well = status.count("Success") == 4 and made == 2 * wanted
    yield f"{wanted} crops read with two settings: {made} readings", Told(status, 0), well


def clock(calm: Path, new: Callable[[], Path]) -> Iterator[tuple[str, Told, bool]]:
    """A run a year ago, over what was made today."""
    project = new()
    again = [sys.executable, "-m", "dvc", "repro", "--force"]
    told = run(["faketime", "-f", "-365d", *again], project)
    changed = differences(contents(project), contents(calm))
    yield "a year back", Told(", ".join(changed), told.code), told.code == 0 and not changed


def not_run(name: str) -> str:
    """Why a case cannot be run on this machine; empty where it can."""
    if name == "clock" and not shutil.which("faketime"):
        return "not run: faketime is missing (install it by `apt-get install faketime`)"
    return ""


CASES = {case.__name__: case for case in (full, readonly, interrupt, twice, queue, clock)}


def main() -> None:
    """Run the cases; exit code 1 where one ended badly or cannot be run."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], metavar="CASE")
    chosen = parser.parse_args().cases or list(CASES)
    missing = {name: reason for name in chosen if (reason := not_run(name))}
    for name, reason in missing.items():
        print(f"BAD  {name}: {reason}", flush=True)
    bad = len(missing)
    possible = [name for name in chosen if name not in missing]
    if possible:
        bad += run_cases(possible)
    sys.exit(bool(bad))


def run_cases(names: Sequence[str]) -> int:
    """Run these cases; how many ended badly."""
    bad = 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        root = Path(folder)
        calm = root / "calm"
        copy_project(calm)
        put_small_page(calm, 0)
        subprocess.run(["git", "init", "-q"], cwd=calm, check=True)
        finish(calm)

        def new() -> Path:
            for name in ("copy", "second"):
                shutil.rmtree(root / name, ignore_errors=True)
            return shutil.copytree(calm, root / "copy", symlinks=True)

        for name in names:
            for what, told, well in CASES[name](calm, new):
                bad += not well
                ended = f" ({told.seconds:.1f} s)" if told.seconds else ""
                shown = told.line or told.said.strip()[-400:]
                print(f"{'well' if well else 'BAD '} {name}: {what}{ended}: {shown}", flush=True)
    return bad


if __name__ == "__main__":
    main()
