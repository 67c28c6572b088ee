"""python -m bench.million: what a million pages cost, from what a page costs here.

The hours are those of `bench/results/real.json`, a run on real pages. `--measure` takes the rest
into `bench/results/million.json`: the bytes and files of the outputs that lie here (after
`dvc repro`), the store's entries, and DVC's commands on small files at two sizes, where what a file
costs is the difference by the number, without what a start costs. Seconds of DVC and of the driver
are of processor time, which other load on the machine stretches less than the clock's.
"""

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from bench.pages import Result
from stages.crop.ocr import KIND as PASSES
from stages.errors import UserError
from stages.pages.records import PageLines, Record
from stages.pages.scans import PAGES, read_rgb
from stages.pages.stored import LINES, METRICS, read_record, stored_records, write_record
from stages.recognize.stored import KIND as READINGS
from stages.running.runner import run_command
from stages.store.__main__ import OVERHEAD
from stages.store.digest import work_key
from stages.store.results import store_path

RESULTS = Path("bench/results")
MEASURED = RESULTS / "million.json"
TIMED = RESULTS / "real.json"
FILES = (1000, 4000)

# What DVC keeps of every stage: a folder's files lie in its cache once more.
FOLDERS = {
    "crop": Path("data/regions"),
    "segment": Path("data/lines"),
    "recognize": Path("data/raw"),
    "correct": Path("data/corrected"),
    "assemble": Path("data/dataset"),
    "evaluate": METRICS,
}
# How many entries a page has in the store of what stages wrote for it.
KEPT = {"crop": 1, "segment": 2, "recognize": 1, "correct": 1, "evaluate": 2}


class Measured(Record):
    """What was measured.

    Attributes:
        bytes: a page's: of the scan (`pages`), of every stage's outputs, of the result `store`.
        files: a page's, of every stage's outputs.
        crops: a page's distinct line crops.
        key_s: processor seconds to read a crop's file and find its key.
        dvc_file_s: processor seconds of DVC's commands for a file of an output.
    """

    bytes: dict[str, float]
    files: dict[str, float]
    crops: float
    key_s: float
    dvc_file_s: dict[str, float]


def processor_seconds(command: Sequence[str], folder: Path) -> float:
    """Those of a command and all that it starts, in user and system mode."""
    environment = os.environ | {"DVC_NO_ANALYTICS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def entry_sizes(path: Path) -> dict[str, float]:
    """The mean bytes of the store's entries of each kind."""
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT kind, AVG(LENGTH(value)) FROM results GROUP BY kind"
        return {kind: size + OVERHEAD for kind, size in database.execute(query)}


def key_seconds(crops: Sequence[Path]) -> float:
    """Processor seconds of this process to find a crop's key, the mean."""
    before = time.process_time()
    for path in crops:
        work_key("", read_rgb(path))
    return (time.process_time() - before) / len(crops)


def measure_dvc(count: int, size: int) -> dict[str, float]:
    """Processor seconds of DVC's commands on an output of `count` files of `size` bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        dvc = [sys.executable, "-m", "dvc"]
        processor_seconds(["git", "init", "-q"], folder)
        processor_seconds([*dvc, "init", "-q"], folder)
        processor_seconds([*dvc, "remote", "add", "-q", "-d", "there", "remote"], folder)
        (folder / "out").mkdir()
        rng = np.random.default_rng(0)
        for number in range(count):
            (folder / "out" / f"{number:07d}").write_bytes(rng.bytes(size))
        commands = {"add": ["add", "out"], "status": ["status"], "push": ["push"]}
        return {
            name: processor_seconds([*dvc, *command, "-q"], folder)
            for name, command in commands.items()
        }


def slope(small: dict[str, float], large: dict[str, float], more: int) -> dict[str, float]:
    """The difference for one more, name by name; no less than nothing."""
    return {name: max(0.0, (large[name] - small[name]) / more) for name in small}


def measure() -> Measured:
    """What a page and a file cost here.

    Raises:
        UserError: the pipeline has not run, or kept nothing in the store.
    """
    pages = stored_records(LINES, "*/lines.json", PageLines)
    crops = sorted(LINES.glob("*/*.png"))
    store = store_path()
    if not (crops and store and store.is_file()):
        raise UserError(f"{LINES}, {store}: nothing there yet; run `dvc repro` first")
    kinds, each = entry_sizes(store), len(crops) / len(pages)
    found = {name: [p for p in f.rglob("*") if p.is_file()] for name, f in FOLDERS.items()}
    places = found | {"pages": list(PAGES.iterdir())}
    sizes = {name: sum(p.stat().st_size for p in files) for name, files in places.items()}
    counts = {PASSES: 1, READINGS: each} | {f"{name}: pages": n for name, n in KEPT.items()}
    sizes["store"] = len(pages) * round(sum(n * kinds[kind] for kind, n in counts.items()))
    few, many = (measure_dvc(count, sizes["segment"] // len(found["segment"])) for count in FILES)
    return Measured(
        bytes={name: float(size // len(pages)) for name, size in sizes.items()},
        files={name: round(len(files) / len(pages), 2) for name, files in found.items()},
        crops=round(each, 2),
        key_s=round(key_seconds(crops), 5),
        dvc_file_s={k: round(v, 7) for k, v in slope(few, many, FILES[1] - FILES[0]).items()},
    )


def stage_table(measured: Measured, timed: Result, pages: int) -> str:
    """Hours, gigabytes and files of every stage for so many pages, as Markdown."""
    rows = ["| stage | hours | GB | million files |", "|---|--:|--:|--:|"]
    sums = [0.0, 0.0, 0.0]
    for name, seconds in timed.seconds.items():
        figures = (
            seconds / timed.pages / 3600 * pages,
            measured.bytes.get(name, 0) * pages / 1e9,
            measured.files.get(name, 0) * pages / 1e6,
        )
        sums = [total + value for total, value in zip(sums, figures, strict=True)]
        rows.append("| {} | {:,.0f} | {:,.0f} | {:,.1f} |".format(name, *figures))
    return "\n".join([*rows, "| all | {:,.0f} | {:,.0f} | {:,.1f} |".format(*sums)])


def rest(measured: Measured, pages: int, lines_a_second: float | None) -> str:
    """What there is besides the stages, as a Markdown list."""
    outputs, files = sum(measured.bytes[name] for name in FOLDERS), sum(measured.files.values())
    hours = {name: each * files * pages / 3600 for name, each in measured.dvc_file_s.items()}
    crops = measured.crops * pages
    at = f": {crops / 3600 / lines_a_second:,.1f} at {lines_a_second:g}" if lines_a_second else ""
    told = [
        f"The scans: {measured.bytes['pages'] * pages / 1e9:,.0f} GB, and as much in DVC's cache"
        " where DVC keeps them.",
        f"The result store: {measured.bytes['store'] * pages / 1e9:,.0f} GB. DVC's cache:"
        f" {outputs * pages / 1e9:,.0f} GB for a state of the outputs that shares no file with"
        " another; a remote the same.",
        f"DVC on one core, once over all files: {hours['add']:,.1f} hours to hash and keep them,"
        f" {hours['status']:,.1f} to find nothing changed, {hours['push']:,.1f} to push them to a"
        " folder (a network not counted).",
        f"{crops / 1e6:,.1f} million crops. To find their keys, which stays on the one machine that"
        f" gives out the work: {measured.key_s * crops / 3600:,.0f} hours on one core.",
        f"A GPU that reads L crops a second: {crops / 3600:,.0f} / L hours{at}.",
    ]
    return "\n".join(f"- {line}" for line in told)


def main() -> None:
    """Print the table and the list."""
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument(
        "--lines-a-second", type=float, metavar="L", help="crops that your GPU reads a second"
    )
    parser.add_argument("--measure", action="store_true", help=f"anew, into {MEASURED}")
    arguments = parser.parse_args()

    def command() -> None:
        if arguments.measure:
            write_record(MEASURED, measure())
        if not MEASURED.is_file():
            raise UserError(f"{MEASURED}: not there; `python -m bench.million --measure` makes it")
        measured, timed = read_record(MEASURED, Measured), read_record(TIMED, Result)
        print(stage_table(measured, timed, arguments.pages))
        print()
        print(rest(measured, arguments.pages, arguments.lines_a_second))

    run_command("bench", command)


if __name__ == "__main__":
    main()
