"""python -m bench.pages FOLDER: the whole pipeline on other pages, in a scratch copy.

FOLDER holds one folder a page with `page.png` and `page.json` (topic, band, essay as a list of
lines, examiner_comment). The project's tracked files are copied to a temporary folder, these pages
take the samples' place, and every stage is run and timed as DVC would run it. `--save` keeps the
seconds and scores as JSON: numbers only, nothing of the pages.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from bench.sheets import SHEETS
from stages.pages.records import Record, Transcription
from stages.pages.scans import read_rgb, write_png
from stages.pages.stored import write_record
from stages.pages.transcriptions import write_transcription
from stages.store.results import OFF, VARIABLE

ROOT = Path(__file__).parents[1]


class Result(Record):
    """What is kept of a run; `quiet` where nothing else ran on the machine."""

    overrides: list[str]
    pages: int
    quiet: bool
    seconds: dict[str, float]
    scores: dict[str, int | float | str]


def copy_project(target: Path) -> None:
    """The files that Git tracks here, as they stand."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def put_pages(source: Path, target: Path, sheet: str | None = None) -> int:
    """Pages and their transcriptions in place of the samples; how many there are.

    Args:
        sheet: the paper that they are drawn on, a name of `SHEETS`; None for their own.
    """
    pages, transcriptions = target / "data/pages", target / "data/transcriptions"
    for folder in (pages, transcriptions):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    found = sorted(source.glob("*/page.png"))
    for page in found:
        truth = json.loads(page.with_name("page.json").read_text(encoding="utf-8"))
        typed = Transcription(**{name: truth[name] for name in Transcription.model_fields})
        name = page.parent.name
        if sheet is None:
            shutil.copy2(page, pages / f"{name}.png")
        else:
            write_png(pages / f"{name}.png", SHEETS[sheet](read_rgb(page)))
        write_transcription(transcriptions / f"{name}.yaml", typed)
    return len(found)


def all_stages(project: Path) -> list[str]:
    """The stages of dvc.yaml in its order."""
    return list(yaml.safe_load((project / "dvc.yaml").read_text())["stages"])


def time_stages(project: Path, overrides: list[str], stages: list[str]) -> dict[str, float]:
    """Wall seconds of every stage, run in this order, with nothing known from earlier runs."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1", VARIABLE: OFF}
    seconds = {}
    for name in stages:
        started = time.perf_counter()
        given = [] if name == "params" else overrides
        command = [sys.executable, "-m", f"stages.{name}", *given]
        subprocess.run(command, cwd=project, check=True, env=environment)
        seconds[name] = time.perf_counter() - started
    return seconds


def seconds_table(seconds: dict[str, float], pages: int) -> str:
    """Seconds of every stage and of all, for all pages and for one, as Markdown."""
    rows = [f"| {name} | {value:.1f} | {value / pages:.2f} |" for name, value in seconds.items()]
    total = sum(seconds.values())
    last = f"| all | {total:.1f} | {total / pages:.2f} |"
    return "\n".join(["| stage | seconds | seconds a page |", "|---|--:|--:|", *rows, last])


def main() -> None:
    """Print the summary of the run, then seconds per stage as a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("overrides", nargs="*", help="Hydra overrides for every stage")
    parser.add_argument("--sheet", choices=SHEETS, help="draw the pages on this paper first")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the figures as JSON")
    parser.add_argument("--quiet", action="store_true", help="nothing else runs: FILE says so")
    arguments = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        copy_project(project)
        pages = put_pages(arguments.folder, project, arguments.sheet)
        if not pages:
            sys.exit(f"bench: {arguments.folder}: holds no */page.png")
        seconds = time_stages(
            project, ["evaluate.track=false", *arguments.overrides], all_stages(project)
        )
        print(f"\n{seconds_table(seconds, pages)}")
        if arguments.save:
            details = (project / "metrics/details.json").read_text(encoding="utf-8")
            result = Result(
                overrides=arguments.overrides,
                pages=pages,
                quiet=arguments.quiet,
                seconds={name: round(value, 2) for name, value in seconds.items()},
                scores=json.loads(details),
            )
            write_record(arguments.save, result)


if __name__ == "__main__":
    main()
