"""The stage as a user runs it, on one page whose essay was read as given, without certainty."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from stages.pages.records import Box, CorrectedPage, CropReading, RawPage
from stages.pages.stored import read_record, write_record
from tests.correct.readings import read_line
from tests.records import make_layout, make_line

WIDE = Box(left=0, top=0, right=900, bottom=60)
ROOT = Path(__file__).parents[2]


def write_page(folder: Path, essay: Sequence[str]) -> None:
    """What the stages before leave of a page, in the working directory `folder`."""
    raw = RawPage(
        page="p",
        source="p.png",
        checkpoint="test",
        selector="likelihood",
        chosen=0,
        scores=[-0.25],
        lines=[make_line(str(number), 20_000, WIDE) for number in range(len(essay))],
        readings=[
            CropReading(crop=str(number), hypotheses=list(read_line(line, sure=0.5).hypotheses))
            for number, line in enumerate(essay)
        ],
    )
    layout = make_layout("p", Box(left=0, top=0, right=9, bottom=9))
    write_record(folder / "data/raw/p.json", raw)
    (folder / "data/raw/rejected.jsonl").touch()
    write_record(folder / "data/regions/p/layout.json", layout)
    (folder / "conf").symlink_to(ROOT / "conf")
    (folder / "stages").symlink_to(ROOT / "stages")


def run(folder: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    """`python -m stages.correct`, free to ask a model hub that nobody answers for."""
    command = [sys.executable, "-m", "stages.correct", *overrides]
    hub = {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": "http://127.0.0.1:9"}
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **hub},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def corrected(folder: Path) -> CorrectedPage:
    return read_record(folder / "data/corrected/p.json", CorrectedPage)
