"""python -m bench.million: what a million pages cost, from what a few cost when measured.

`--measure` runs all stages on copies of the sample pages whose grey levels differ (so that nothing
is known of them), at two sizes, and DVC on small files at two sizes: what a page or a file costs is
the difference by their number, without what a start costs. Seconds are of processor time, which
other load on the machine stretches less than the clock's.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bench.pages import ROOT, all_stages, copy_project
from stages.errors import UserError
from stages.records import PageLines, Record
from stages.runner import LINES, read_record, read_records, run_command, write_record
from stages.store.results import VARIABLE

MEASURED = Path("bench/results/million.json")
SIZES = (8, 24)
FILES = (2000, 8000)
STORE = Path(".cache/store.sqlite")
KNOWN = "recognize, all known"

# What DVC keeps of every stage: a folder's files lie in its cache once more.
FOLDERS = {
    "crop": Path("data/regions"),
    "segment": Path("data/lines"),
    "recognize": Path("data/raw"),
    "correct": Path("data/corrected"),
    "assemble": Path("data/dataset"),
    "evaluate": Path("metrics"),
}


class Cost(Record):
    """What a page costs.

    Attributes:
        seconds: processor seconds of every stage.
        bytes: of the scan (`pages`), of every stage's outputs, and of the result `store`.
        files: of every stage's outputs.
        crops: distinct line crops.
    """

    seconds: dict[str, float]
    bytes: dict[str, float]
    files: dict[str, float]
    crops: float


class Measured(Record):
    """What was measured: a page's cost, and DVC's processor seconds for a file of an output."""

    page: Cost
    dvc_file: dict[str, float]


def processor_seconds(command: Sequence[str], folder: Path) -> float:
    """Those of a command and all that it starts, in user and system mode."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1", VARIABLE: str(folder / STORE)}
    environment |= {"DVC_NO_ANALYTICS": "1", "OMP_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def put_copies(project: Path, count: int) -> None:
    """`count` pages in place of the samples: their copies, each a little darker than the last."""
    pages, transcriptions = project / "data/pages", project / "data/transcriptions"
    samples = sorted((ROOT / "data/pages").glob("*.*"))
    for folder in (pages, transcriptions):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for number in range(count):
        source = samples[number % len(samples)]
        darker, name = number // len(samples), f"{number:04d}-{source.stem}"
        typed = ROOT / "data/transcriptions" / f"{source.stem}.yaml"
        shutil.copy2(typed, transcriptions / f"{name}.yaml")
        with Image.open(source) as image:
            pixels = np.asarray(image)
        shown = np.where(pixels > 40, pixels - darker, pixels).astype(np.uint8)
        Image.fromarray(shown).save(pages / f"{name}{source.suffix}")


def measure_pages(count: int) -> Cost:
    """What `count` pages cost together, every stage's start included."""
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        copy_project(project)
        put_copies(project, count)
        seconds = {}
        for name in all_stages(project):
            given = [] if name == "params" else ["evaluate.track=false"]
            command = [sys.executable, "-m", f"stages.{name}", *given]
            seconds[name] = processor_seconds(command, project)
            if name == "recognize":
                seconds[KNOWN] = processor_seconds(command, project)
        folders = {name: project / folder for name, folder in FOLDERS.items()}
        files = {name: [p for p in f.rglob("*") if p.is_file()] for name, f in folders.items()}
        places = files | {
            "pages": [*(project / "data/pages").iterdir()],
            "store": [*(project / STORE.parent).glob(f"{STORE.name}*")],
        }
        records = read_records(project / LINES, "*/lines.json", PageLines)
        return Cost(
            seconds=seconds,
            bytes={name: sum(p.stat().st_size for p in found) for name, found in places.items()},
            files={name: len(found) for name, found in files.items()},
            crops=sum(len({line.crop for c in r.candidates for line in c.lines}) for r in records),
        )


def measure_dvc(count: int, size: int) -> dict[str, float]:
    """Processor seconds of DVC's commands on an output of `count` files of `size` bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for command in ("git init -q", "dvc init -q", "dvc remote add -q -d there remote"):
            processor_seconds(command.split(), folder)
        (folder / "out").mkdir()
        rng = np.random.default_rng(0)
        for number in range(count):
            (folder / "out" / f"{number:07d}").write_bytes(rng.bytes(size))
        commands = {"add": "dvc add -q out", "status": "dvc status -q", "push": "dvc push -q"}
        return {name: processor_seconds(c.split(), folder) for name, c in commands.items()}


def slope(small: dict[str, float], large: dict[str, float], more: int) -> dict[str, float]:
    """The difference for one more, name by name; no less than nothing."""
    return {name: max(0.0, (large[name] - small[name]) / more) for name in small}


def rounded(values: dict[str, float]) -> dict[str, float]:
    """To four significant digits."""
    return {name: float(f"{value:.4g}") for name, value in values.items()}


def measure() -> Measured:
    """A page's cost and a file's."""
    small, large = (measure_pages(count) for count in SIZES)
    more = SIZES[1] - SIZES[0]
    fields = ("seconds", "bytes", "files")
    page = {name: slope(getattr(small, name), getattr(large, name), more) for name in fields}
    size = round(page["bytes"]["segment"] / page["files"]["segment"])
    few, many = (measure_dvc(count, size) for count in FILES)
    return Measured(
        page=Cost(
            **{name: rounded(values) for name, values in page.items()},
            crops=(large.crops - small.crops) / more,
        ),
        dvc_file=rounded(slope(few, many, FILES[1] - FILES[0])),
    )


def stage_table(page: Cost, pages: int) -> str:
    """Processor hours, gigabytes and files of every stage for so many pages, as Markdown."""
    rows = ["| stage | CPU hours | GB | million files |", "|---|--:|--:|--:|"]
    for name, seconds in page.seconds.items():
        if name == KNOWN:
            continue
        size, files = page.bytes.get(name, 0) * pages / 1e9, page.files.get(name, 0) * pages / 1e6
        rows.append(f"| {name} | {seconds * pages / 3600:,.0f} | {size:,.0f} | {files:,.1f} |")
    hours = sum(value for name, value in page.seconds.items() if name != KNOWN) * pages / 3600
    size, files = sum(page.bytes[name] for name in FOLDERS), sum(page.files.values())
    total = f"| all | {hours:,.0f} | {size * pages / 1e9:,.0f} | {files * pages / 1e6:,.1f} |"
    return "\n".join([*rows, total])


def rest(measured: Measured, pages: int, lines_a_second: float | None) -> str:
    """What there is besides the stages, as a Markdown list."""
    page = measured.page
    outputs, files = sum(page.bytes[name] for name in FOLDERS), sum(page.files.values())
    dvc = {name: seconds * files * pages / 3600 for name, seconds in measured.dvc_file.items()}
    crops = page.crops * pages
    at = f": {crops / 3600 / lines_a_second:,.1f} at {lines_a_second:g}" if lines_a_second else ""
    told = [
        f"The scans: {page.bytes['pages'] * pages / 1e9:,.0f} GB, and as much in DVC's cache if DVC"
        " keeps them.",
        f"The result store: {page.bytes['store'] * pages / 1e9:,.0f} GB. DVC's cache: another"
        f" {outputs * pages / 1e9:,.0f} GB for each state of the outputs that differs in all files;"
        " a remote the same.",
        f"DVC, on one core, once over all files: {dvc['add']:,.1f} hours to hash and keep them,"
        f" {dvc['status']:,.1f} to find nothing changed, {dvc['push']:,.1f} to push them to a"
        " folder (a network's latency not counted).",
        "The part of recognize that stays with the driver when crops are read elsewhere:"
        f" {page.seconds[KNOWN] * pages / 3600:,.0f} hours on one core.",
        f"{crops / 1e6:,.1f} million crops. A GPU that reads L of them a second takes"
        f" {crops / 3600:,.0f} / L hours{at}.",
    ]
    return "\n".join(f"- {line}" for line in told)


def main() -> None:
    """Print the table, from `MEASURED` or what is measured now."""
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument(
        "--lines-a-second", type=float, metavar="L", help="crops that your GPU reads a second"
    )
    parser.add_argument("--measure", action="store_true", help=f"anew, into {MEASURED} (minutes)")
    arguments = parser.parse_args()

    def command() -> None:
        if arguments.measure:
            write_record(MEASURED, measure())
        if not MEASURED.is_file():
            raise UserError(f"{MEASURED}: not there; `python -m bench.million --measure` makes it")
        measured = read_record(MEASURED, Measured)
        print(stage_table(measured.page, arguments.pages))
        print()
        print(rest(measured, arguments.pages, arguments.lines_a_second))

    run_command("bench", command)


if __name__ == "__main__":
    main()
