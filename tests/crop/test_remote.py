import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.crop.drawing import COMMENT, draw_sheet

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the configuration, a good page, a PDF of two pages, and two bad pages."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    pages = tmp_path / "data" / "pages"
    pages.mkdir(parents=True)
    good = Image.fromarray(draw_sheet().pixels)
    good.save(pages / "good.png")
    good.save(pages / "two.pdf", save_all=True, append_images=[good], resolution=200)
    Image.fromarray(draw_sheet(COMMENT).pixels).save(pages / "letter.jpg")
    (pages / "broken.png").write_bytes((pages / "good.png").read_bytes()[:3000])
    return tmp_path


Watch = Callable[[psutil.Process], None]


def crop(project: Path, engine: str, store: str, watch: Watch = lambda run: None) -> str:
    """What the stage says."""
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    with subprocess.Popen(
        [sys.executable, "-m", "stages.crop", "crop=anchors", f"crop.engine={engine}"],
        cwd=project,
        env=environment | {"PYTHONPATH": str(ROOT), "RESULT_STORE": str(project / store)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        while run.poll() is None:
            watch(psutil.Process(run.pid))
            time.sleep(0.3)
        said = "".join(run.communicate())
    assert run.returncode == 0, said
    return said


def outputs(project: Path) -> dict[str, bytes]:
    """All files of data/regions, which is removed."""
    regions = project / "data" / "regions"
    found = {
        str(path.relative_to(regions)): path.read_bytes()
        for path in sorted(regions.rglob("*"))
        if path.is_file()
    }
    shutil.rmtree(regions)
    return found


def at_work(process: psutil.Process) -> bool:
    """Not one that has ended and is yet to be reaped, as orphans are when init gets to it."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.is_running())
    return False


def entries(store: Path) -> dict[str, tuple[bytes, int]]:
    with closing(sqlite3.connect(store)) as database:
        rows = database.execute(
            "SELECT key, value, made FROM results WHERE kind = 'tesseract passes'"
        ).fetchall()
    return {key: (value, made) for key, value, made in rows}


def test_a_cluster_started_here_gives_the_same_and_leaves_nothing(project: Path) -> None:
    crop(project, "local", "here.sqlite")
    expected, known = outputs(project), entries(project / "here.sqlite")
    assert {name.split("/")[0] for name in expected} == {
        "good",
        "two-001",
        "two-002",
        "rejected.jsonl",
    }
    started: set[psutil.Process] = set()
    addresses: set[str] = set()

    def watch(run: psutil.Process) -> None:
        with suppress(psutil.Error):
            for process in run.children(recursive=True):
                started.add(process)
                with suppress(psutil.Error):
                    found = process.net_connections("inet")
                    addresses.update(c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN)

    clusters = set(Path("/tmp").glob("ray-*"))
    said = crop(project, "ray", "there.sqlite", watch)
    assert said == ""
    assert outputs(project) == expected
    there = entries(project / "there.sqlite")
    assert {key: value for key, (value, _) in there.items()} == {
        key: value for key, (value, _) in known.items()
    }
    assert addresses
    assert addresses <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}
    assert not [process for process in started if at_work(process)]
    assert set(Path("/tmp").glob("ray-*")) <= clusters
