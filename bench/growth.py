"""python -m bench.growth: what a page costs among few and among many, and what one more costs.

For every number of `--pages`, generated pages (no two have the same pixels) take the samples' place
in a scratch copy of the project, and `dvc repro` builds all from nothing. With `--added`, at that
number, it is then called again with nothing changed, and once more with one page added. A stage's
seconds are those of its command: what remains of `dvc repro` is DVC's own, its hashing, linking and
starting. With `--cold` no stage starts warm, and the table has processor seconds and memory too,
which cannot be told of a stage that another process ran. `--save` keeps the figures as JSON.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bench.pages import copy_project
from samples.__main__ import save, varied_pages
from stages.errors import UserError
from stages.pages.records import Record
from stages.pages.stored import write_record
from stages.running.runner import run_command
from stages.running.warm import OFF, VARIABLE

SEED = 772
CLOCK = """#!{python}
import json, os, sys, time
began = time.perf_counter()
child = os.posix_spawn({python!r}, [{python!r}, *sys.argv[1:]], os.environ)
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - began, used.ru_utime + used.ru_stime
with open({log!r}, "a") as file:
    print(json.dumps([sys.argv[2], *seconds, used.ru_maxrss * 1024]), file=file)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Stage(Record):
    """A stage's command: seconds by the wall; started cold also of processors, and its largest
    process's bytes."""

    seconds: float
    processor_seconds: float | None = None
    peak_bytes: int | None = None


class Run(Record):
    """One `dvc repro`: wall seconds in all, and of the stages that ran."""

    what: str
    pages: int
    seconds: float
    stages: dict[str, Stage]

    @property
    def own_seconds(self) -> float:
        """What DVC spent itself."""
        return self.seconds - self.work_seconds

    @property
    def work_seconds(self) -> float:
        """What the stages' commands took."""
        return sum(stage.seconds for stage in self.stages.values())


class Growth(Record):
    """All runs in their order; `quiet` where nothing else ran on the machine."""

    quiet: bool
    runs: list[Run]


@contextmanager
def scratch(pages: Path, count: int) -> Iterator[Path]:
    """A Git checkout of the project's files with the first `count` pages and transcriptions."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        copy_project(project)
        for name in ("pages", "transcriptions"):
            shutil.rmtree(project / "data" / name)
            (project / "data" / name).mkdir()
        for page in sorted((pages / "pages").iterdir())[:count]:
            put(page, pages, project)
        subprocess.run(["git", "init", "-q"], cwd=project, check=True)
        yield project


def put(page: Path, pages: Path, project: Path) -> None:
    """Add a page and its transcription to the project."""
    shutil.copy2(page, project / "data/pages")
    typed = (pages / "transcriptions" / page.name).with_suffix(".yaml")
    shutil.copy2(typed, project / "data/transcriptions")


def repro(project: Path, what: str, cold: bool) -> Run:
    """Call `dvc repro`, with a clock round every stage's command."""
    log = project / ".git/clock.jsonl"
    log.write_text("", encoding="utf-8")
    clock = project / ".git/bin/python"
    clock.parent.mkdir(exist_ok=True)
    clock.write_text(CLOCK.format(python=sys.executable, log=str(log)), encoding="utf-8")
    clock.chmod(0o755)
    path = f"{clock.parent}{os.pathsep}{os.environ['PATH']}"
    away = {
        name: value for name, value in os.environ.items() if name not in ("RESULT_STORE", VARIABLE)
    }
    starts = {VARIABLE: OFF} if cold else {}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--quiet"],
        cwd=project,
        check=True,
        env=away | starts | {"PATH": path, "HF_HUB_OFFLINE": "1"},
    )
    seconds = time.perf_counter() - began
    ran = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    stages = {
        module.removeprefix("stages."): Stage(
            seconds=round(took, 2),
            processor_seconds=round(busy, 2) if cold else None,
            peak_bytes=peak if cold else None,
        )
        for module, took, busy, peak in ran
    }
    count = sum(1 for _ in (project / "data/pages").iterdir())
    return Run(what=what, pages=count, seconds=round(seconds, 2), stages=stages)


def measure(pages: Path, counts: Sequence[int], added: int | None, cold: bool) -> Iterator[Run]:
    """Every run, as soon as it has been made."""
    for count in counts:
        with scratch(pages, count) as project:
            yield repro(project, "full", cold)
            if count == added:
                yield repro(project, "nothing changed", cold)
                put(sorted((pages / "pages").iterdir())[count], pages, project)
                yield repro(project, "one page added", cold)


def table(runs: Sequence[Run]) -> str:
    """The runs as Markdown: seconds of every stage and, where known, its megabytes at most."""
    names = list(runs[0].stages)
    rows = [["run", "pages", "seconds", "a page", "DVC's own", *names]]
    for run in runs:
        cells = [run.what, str(run.pages), f"{run.seconds:.1f}", f"{run.seconds / run.pages:.2f}"]
        cells += [f"{run.own_seconds:.1f}", *(_cell(run.stages.get(name)) for name in names)]
        rows.append(cells)
    rows.insert(1, ["---", *["--:"] * (len(rows[0]) - 1)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(stage: Stage | None) -> str:
    if stage is None:
        return "–"
    if stage.processor_seconds is None or stage.peak_bytes is None:
        return f"{stage.seconds:.1f} s"
    megabytes = stage.peak_bytes / 1e6
    return f"{stage.seconds:.1f} s ({stage.processor_seconds:.1f}), {megabytes:.0f} MB"


def added_share(runs: Sequence[Run]) -> float | None:
    """What the stages took for one page more, as a share of the full run before it."""
    full: Run | None = None
    for run in runs:
        if run.what == "full":
            full = run
        elif run.what == "one page added" and full:
            return run.work_seconds / full.seconds
    return None


def main() -> None:
    """Measure, print a table, and keep the figures if asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[8, 50, 200, 400])
    parser.add_argument("--added", type=int, help="one of --pages", default=200)
    parser.add_argument("--from", dest="folder", type=Path, help="what `python -m samples` made")
    parser.add_argument("--cold", action="store_true", help="no stage starts warm")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the figures as JSON")
    parser.add_argument("--quiet", action="store_true", help="nothing else runs: FILE says so")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        pages = arguments.folder or Path(made)
        if not arguments.folder:
            for name, page in islice(varied_pages(max(arguments.pages) + 1, SEED), None):
                save(name, page, pages, with_labels=False)
        there = sum(1 for _ in (pages / "pages").iterdir())
        if there <= max(arguments.pages):
            raise UserError(f"{pages}/pages: holds {there}; one more than the most is needed")
        runs = []
        for run in measure(pages, arguments.pages, arguments.added, arguments.cold):
            runs.append(run)
            print(f"\n{table(runs)}", flush=True)
    if share := added_share(runs):
        print(f"\none page more: {100 * share:.1f} % of the full run, and DVC's own seconds")
    if arguments.save:
        write_record(arguments.save, Growth(quiet=arguments.quiet, runs=runs))


if __name__ == "__main__":
    run_command("bench.growth", main)
