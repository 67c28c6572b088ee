import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest
from PIL import Image

from stages.config.composition import load
from stages.crop.ocr import installation
from stages.crop.remote import LIBRARIES, CroppingActor
from stages.running.cluster import versions_of
from tests.cached import put_in_cache
from tests.crop.drawing import COMMENT, draw_sheet
from tests.ray_nodes import lose_a_node, two_nodes

ROOT = Path(__file__).parents[2]


Outputs = dict[str, bytes]
Entries = dict[str, tuple[bytes, int]]
Watch = Callable[[psutil.Process], None]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the configuration, a good page, a PDF of two pages, and two bad pages."""
    project = tmp_path_factory.mktemp("drawn")
    shutil.copytree(ROOT / "conf", project / "conf")
    pages = project / "data" / "pages"
    pages.mkdir(parents=True)
    good = Image.fromarray(draw_sheet().pixels)
    good.save(pages / "good.png")
    good.save(pages / "two.pdf", save_all=True, append_images=[good], resolution=200)
    Image.fromarray(draw_sheet(COMMENT).pixels).save(pages / "letter.jpg")
    (pages / "broken.png").write_bytes((pages / "good.png").read_bytes()[:3000])
    return project


@pytest.fixture(scope="module")
def here(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outputs, Entries]:
    """What the stage writes and keeps by itself."""
    project = shutil.copytree(drawn, tmp_path_factory.mktemp("here") / "project")
    crop(project, "local", "store.sqlite")
    return outputs(project), entries(project / "store.sqlite")


@pytest.fixture
def project(drawn: Path, tmp_path: Path) -> Path:
    return shutil.copytree(drawn, tmp_path / "project")


def start(
    project: Path, engine: str, store: str, address: str = "", *overrides: str
) -> subprocess.Popen[str]:
    """The stage, on a cluster of its own where it is given no address of one."""
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    environment |= {"RAY_ADDRESS": address} if address else {}
    return subprocess.Popen(
        [sys.executable, "-m", "stages.crop", "crop=anchors", f"crop.engine={engine}", *overrides],
        cwd=project,
        env=environment | {"PYTHONPATH": str(ROOT), "RESULT_STORE": str(project / store)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(run: subprocess.Popen[str]) -> str:
    """What the stage says, once it has ended well."""
    with run:
        said = "".join(run.communicate())
    assert run.returncode == 0, said
    return said


def crop(project: Path, engine: str, store: str, watch: Watch = lambda run: None) -> str:
    """What the stage says."""
    run = start(project, engine, store)
    while run.poll() is None:
        watch(psutil.Process(run.pid))
        time.sleep(0.3)
    return finish(run)


def outputs(project: Path) -> Outputs:
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


def entries(store: Path) -> Entries:
    with closing(sqlite3.connect(store)) as database:
        rows = database.execute(
            "SELECT key, value, made FROM results WHERE kind = 'tesseract passes'"
        ).fetchall()
    return {key: (value, made) for key, value, made in rows}


def test_a_cluster_started_here_gives_the_same_and_leaves_nothing(
    project: Path, here: tuple[Outputs, Entries]
) -> None:
    expected, known = here
    assert {name.split("/")[0] for name in expected} == {
        "good",
        "two-001",
        "two-002",
        "rejected.jsonl",
    }
    started: set[psutil.Process] = set()
    addresses: set[str] = set()
    folders: set[str] = set()

    def watch(run: psutil.Process) -> None:
        with suppress(psutil.Error):
            for process in run.children(recursive=True):
                started.add(process)
                with suppress(psutil.Error):
                    folders.update(re.findall(r"/tmp/ray-\w+", " ".join(process.cmdline())))
                    found = process.net_connections("inet")
                    addresses.update(c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN)

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
    assert folders and not any(Path(folder).exists() for folder in folders)


def test_with_fail_a_file_that_is_no_scan_ends_it_before_any_page_is_sent(project: Path) -> None:
    (project / "data/pages/notes.txt").write_text("mine")
    nowhere = "127.0.0.1:1"
    with start(project, "ray", "none.sqlite", nowhere, "on_reject=fail") as run:
        assert run.communicate()[1].startswith("crop: notes.txt: .txt: not a scan")


def test_an_actor_with_other_libraries_is_left_out() -> None:
    settings = load(["crop=anchors"]).crop
    tesseract = installation(settings.language)
    assert CroppingActor(settings, tesseract, versions_of(LIBRARIES), None).ready() is None
    told = CroppingActor(settings, tesseract, {"numpy": "0"}, None).ready()
    assert told == f"its numpy is {version('numpy')}, here it is 0: install requirements.lock"


def test_a_node_lost_in_the_middle_changes_no_byte_and_kept_pages_ask_for_no_cluster(
    project: Path, here: tuple[Outputs, Entries]
) -> None:
    expected, known = here
    with two_nodes() as nodes:
        run = start(project, "ray", "there.sqlite", nodes.address)
        lose_a_node(nodes, "CroppingActor.work")
        assert "a worker died; what it was at is tried again" in finish(run)
    put_in_cache(project, project / "data/regions")
    assert outputs(project) == expected
    assert entries(project / "there.sqlite").keys() == known.keys()

    for bad in ("letter.jpg", "broken.png"):
        (project / "data/pages" / bad).unlink()
    nowhere = "127.0.0.1:1"
    assert finish(start(project, "ray", "there.sqlite", nowhere)) == ""
    assert outputs(project) == expected | {"rejected.jsonl": b""}
    with start(project, "ray", "new.sqlite", nowhere) as run:
        assert f"no Ray cluster at {nowhere}" in run.communicate()[1]
