"""python -m bench.kills [--points N] [--seed S]: kill -9 at random points, then `dvc repro`.

A small page goes through the whole pipeline undisturbed, for what should come out. Then runs in
copies of the project are killed up to ten times in a row, in turns from nothing and from a finished
run of another page of that name, and `dvc repro` runs to its end. Each kill is at a random moment
of a stage drawn at random, DVC's own start and saving among them, or of the first one that is run
after it. What is killed is, at random, all processes of a run, DVC alone, so that a stage goes on
without it, or any one. Where a kill cut off `dvc.lock`, DVC's own file of locks or
an entry of its cache of runs, at which DVC then stops, it is removed, as README.md says, and
counted.

All is well if `dvc.lock`, all outs and all that lies in metrics/ equal those of the undisturbed run
to the byte, every object in DVC's cache has the content that its name says, no crop was read again
that the result store had when a run was killed, the run was logged, and right after a kill nothing
lay outside of DVC's cached outs that was half-written.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.pages import copy_project
from bench.runs import (
    PATIENCE_S,
    bad_objects,
    contents,
    differences,
    end,
    finish,
    kill,
    mend,
    readings,
    start,
)
from bench.small import put_small_page

KINDS = ("all", "dvc", "one")
IN_A_ROW = 10
LOOK_S = 0.02
START = "DVC's start"


@dataclass
class Kill:
    """One kill: of what, where, and the distinct crops that the store knew afterwards."""

    kind: str
    stage: str
    known: int

    def __str__(self) -> str:
        return f"{self.kind} in {self.stage}, {self.known} crops known"


@dataclass
class Disturbed:
    """A run that was killed again and again, then finished; `faults` is empty if all is well."""

    begun: str
    kills: list[Kill] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"from {self.begun}: {'; '.join(self.faults) or 'well'}"]
        return "\n".join([*lines, *(f"    {kill}" for kill in self.kills)])


@dataclass(frozen=True)
class Calm:
    """An undisturbed run: its files, the store's readings, and each stage's seconds."""

    files: dict[str, bytes]
    readings: set[str]
    seconds: dict[str, float]


def torn(project: Path, *whole: dict[str, bytes]) -> Iterator[str]:
    """What lies where a kill leaves it, outside of DVC's outs, and is none of the whole files.

    Except `dvc.lock`, which DVC writes itself.
    """
    for name, content in contents(project).items():
        kept = name == "params.yaml" or name.startswith("metrics/")
        if kept and "/." not in name and content not in [files.get(name) for files in whole]:
            yield f"{name} is torn"


def read_again(said: str, known: int) -> list[str]:
    """Whether a run began to read more crops than were not known before it."""
    told = re.search(r"recognize: (\d+) crops, (\d+) to read", said)
    if told and known + int(told[2]) > int(told[1]):
        return [f"{told[2]} of {told[1]} crops read, {known} were known"]
    return []


def stages_run(project: Path) -> list[str]:
    """The stages that a run has begun so far; DVC's own start first."""
    said = (project / "said").read_text(encoding="utf-8")
    return [START, *re.findall("Running stage '(.+)'", said)]


def wait_for(process: subprocess.Popen[bytes], project: Path, stages: list[str]) -> str | None:
    """The first of these stages that a run begins; None where it ends without."""
    while process.poll() is None:
        latest = stages_run(project)[-1]
        if latest in stages:
            return latest
        time.sleep(LOOK_S)
    return None


def seconds_by_stage(project: Path) -> dict[str, float]:
    """A whole run's; what DVC does after a stage counts as that stage's.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    seconds: dict[str, float] = {}
    process = start(project)
    while process.poll() is None:
        latest = stages_run(project)[-1]
        seconds[latest] = seconds.get(latest, 0.0) + LOOK_S
        time.sleep(LOOK_S)
    end(process, project)
    return seconds


def killed_run(
    project: Path, calm: Calm, before: dict[str, bytes], rng: random.Random
) -> tuple[Kill | None, list[str]]:
    """Start a run and kill it; None where it ended before its moment came. And what went wrong."""
    kind, stage = rng.choice(KINDS), rng.choice(list(calm.seconds))
    known = len(readings(project) & calm.readings)
    process = start(project)
    reached = wait_for(process, project, list(calm.seconds)[list(calm.seconds).index(stage) :])
    with suppress(subprocess.TimeoutExpired):
        if reached is not None:
            process.wait(rng.uniform(0, calm.seconds[reached]))
        return None, []
    kill(process, kind, rng)
    code = process.wait(PATIENCE_S)
    said = (project / "said").read_text(encoding="utf-8")
    faults = read_again(said, known)
    if kind != "dvc":
        faults += torn(project, calm.files, before)
    if kind == "one" and code and "Traceback" in said:
        faults.append(f"a traceback: {said.strip().splitlines()[-1]}")
    known = len(readings(project) & calm.readings)
    return Kill(kind, stages_run(project)[-1], known), faults


def disturb(
    run: Disturbed,
    project: Path,
    calm: Calm,
    before: dict[str, bytes],
    rng: random.Random,
    *,
    limit: int,
) -> None:
    """Kill a run in `project` up to `limit` times, going on each time, then finish it.

    Args:
        run: notes what happens.
        before: the files that `project` starts from.
    """
    while len(run.kills) < limit:
        found, faults = killed_run(project, calm, before, rng)
        run.faults += faults
        if found is None:
            break
        run.kills.append(found)
        run.mended += mend(project)
    known = len(readings(project) & calm.readings)
    try:
        said = finish(project)
    except subprocess.CalledProcessError as error:
        run.faults.append(f"`dvc repro` failed afterwards: {' '.join(error.output.split())}")
        return
    run.faults += read_again(said, known) + re.findall(r"\w+: warning: .*", said)
    if changed := differences(contents(project), calm.files):
        run.faults.append(f"differ: {', '.join(changed)}")
    if broken := bad_objects(project):
        run.faults.append(f"in the cache: {', '.join(broken)}")


def prepare(root: Path) -> tuple[Path, Path, Calm, dict[str, bytes]]:
    """A project without any run, one after a run of another page, an undisturbed run of the first.

    Last come the files of the second.
    """
    bare, earlier, calm = root / "bare", root / "earlier", root / "calm"
    copy_project(bare)
    for made in (bare / "dvc.lock", bare / "params.yaml", *(bare / "metrics").glob("[!.]*.*")):
        made.unlink(missing_ok=True)
    put_small_page(bare, 1)
    subprocess.run(["git", "init", "-q"], cwd=bare, check=True)
    shutil.copytree(bare, earlier)
    finish(earlier)
    put_small_page(earlier, 0)
    put_small_page(bare, 0)
    shutil.copytree(bare, calm)
    seconds = seconds_by_stage(calm)
    return bare, earlier, Calm(contents(calm), readings(calm), seconds), contents(earlier)


def main() -> None:
    """Kill and finish until all points are made; exit code 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    runs: list[Disturbed] = []
    kills: list[Kill] = []
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        root = Path(folder)
        bare, earlier, calm, before = prepare(root)
        told = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in calm.seconds.items())
        print(f"undisturbed: {told}; {len(calm.readings)} crops", flush=True)
        while len(kills) < arguments.points:
            fresh = len(runs) % 2 == 0
            project = root / "project"
            shutil.copytree(bare if fresh else earlier, project)
            runs.append(Disturbed("nothing" if fresh else "an earlier run"))
            limit = min(IN_A_ROW, arguments.points - len(kills))
            disturb(runs[-1], project, calm, {} if fresh else before, rng, limit=limit)
            shutil.rmtree(project)
            kills += runs[-1].kills
            print(f"{len(kills)}: {runs[-1]}", flush=True)
    bad = sum(bool(run.faults) for run in runs)
    print(f"{len(kills)} kills in {len(runs)} runs, {bad} of which went wrong")
    for name in ("kind", "stage"):
        counts = Counter(getattr(kill, name) for kill in kills).most_common()
        print(f"by {name}: " + ", ".join(f"{value} {count}" for value, count in counts))
    mended = Counter(name for run in runs for name in run.mended).most_common()
    print("cut off: " + (", ".join(f"{name} {count}" for name, count in mended) or "nothing"))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
