import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.pages.records import Layout, Rejection
from stages.pages.stored import read_jsonl, read_record
from tests.crop.drawing import COMMENT, draw_sheet

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the configuration and one good page."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    pages = tmp_path / "data" / "pages"
    pages.mkdir(parents=True)
    Image.fromarray(draw_sheet().pixels).save(pages / "good.png")
    return tmp_path


def crop(
    project: Path, *overrides: str, path: str = os.environ["PATH"]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.crop", "crop=anchors", *overrides],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def add_bad_pages(project: Path) -> None:
    pages = project / "data" / "pages"
    (pages / "broken.png").write_bytes((pages / "good.png").read_bytes()[:3000])
    Image.new("L", (600, 800), 250).save(pages / "blank.png")
    Image.fromarray(draw_sheet(COMMENT).pixels).save(pages / "letter.jpg")


def test_good_pages_are_cut_and_bad_ones_carried_along(project: Path) -> None:
    add_bad_pages(project)
    done = crop(project)
    assert done.returncode == 0, done.stderr
    regions = project / "data" / "regions"
    assert sorted(path.name for path in regions.iterdir()) == ["good", "rejected.jsonl"]
    layout = read_record(regions / "good" / "layout.json", Layout)
    essay = np.asarray(Image.open(regions / "good" / "essay.png"))
    assert essay.shape[:2] == (layout.region.height, layout.region.width)
    reasons = {r.page: r.reason for r in read_jsonl(regions / "rejected.jsonl", Rejection)}
    assert list(reasons) == ["blank", "broken", "letter"]
    assert "blank" in reasons["blank"]
    assert "broken" in reasons["broken"]
    assert "no printed sentence was found" in reasons["letter"]


def test_the_first_rejection_can_be_made_an_error(project: Path) -> None:
    add_bad_pages(project)
    done = crop(project, "on_reject=fail")
    assert done.returncode == 1
    assert done.stderr.strip().startswith("crop: blank.png: the page is blank")


def test_side_by_side_or_one_after_another_the_bytes_are_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_bad_pages(project)
    contents = []
    for workers in ("1", "3"):
        monkeypatch.setenv("PAGE_WORKERS", workers)
        monkeypatch.setenv("RESULT_STORE", "off")
        assert crop(project).returncode == 0
        files = sorted(path for path in (project / "data/regions").rglob("*") if path.is_file())
        contents.append([(path, path.read_bytes()) for path in files])
    assert contents[0] == contents[1]


def test_without_tesseract_there_is_one_line_with_the_cure(project: Path, tmp_path: Path) -> None:
    done = crop(project, path=str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get install tesseract-ocr tesseract-ocr-eng" in done.stderr
    assert not (project / "data" / "regions").exists()


def test_a_tesseract_that_is_killed_once_costs_no_page(project: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin/tesseract"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'case "$1" in --*) ;; *) mkdir {tmp_path}/killed 2> /dev/null && kill -9 $$;; esac\n'
        f'exec {shutil.which("tesseract")} "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    done = crop(project, path=f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "killed").is_dir()
    assert (project / "data/regions/good/layout.json").is_file()


KILLED_LATE = """
import os, signal
import stages.crop.page as page
from stages.running.runner import run_stage
from stages.crop.__main__ import main
write = page.write_record
def killed(path, record):
    if record.page == "bad":
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, record)
page.write_record = killed
run_stage("crop", main)
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_of_a_page_whose_process_was_killed_nothing_is_left(project: Path, workers: str) -> None:
    pages = project / "data/pages"
    shutil.copy(pages / "good.png", pages / "bad.png")
    done = subprocess.run(
        [sys.executable, "-c", KILLED_LATE, "crop=anchors"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PAGE_WORKERS": workers},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    regions = project / "data/regions"
    assert sorted(path.name for path in regions.iterdir()) == ["good", "rejected.jsonl"]
    [rejected] = read_jsonl(regions / "rejected.jsonl", Rejection)
    assert rejected.page == "bad"
    assert "was killed" in rejected.reason


FAULTY = """
import stages.crop.page as page
from stages.running.runner import run_stage
from stages.crop.__main__ import main
page.read_sheet = lambda *_: 1 / 0
run_stage("crop", main)
"""


def test_a_fault_of_the_program_names_the_page(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULTY, "crop=anchors"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "on 'good': Traceback" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_rejected_page_never_takes_the_folder_of_a_good_one(project: Path) -> None:
    pages = project / "data/pages"
    (pages / "good.png").rename(pages / "a (a.png).png")
    for name in ("a.png", "a.tif"):
        Image.new("L", (600, 800), 250).save(pages / name)
    (pages / "a (a.png).txt").write_text("no scan")
    assert crop(project).returncode == 0
    regions = project / "data/regions"
    assert (regions / "a (a.png)/layout.json").is_file()
    rejected = [r.page for r in read_jsonl(regions / "rejected.jsonl", Rejection)]
    assert rejected == ["a (a.png) (a (a.png).txt)", "a (a.png) 2", "a (a.tif)"]
