"""The real crop stage over a folder of scans as they come."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.pages.records import Layout, Rejection
from stages.pages.stored import read_jsonl, read_record
from tests.crop.bad_pages import write_all

ROOT = Path(__file__).parents[2]

REASONS = {
    "zero.png": "the file is empty",
    "text.png": "no PNG, JPEG or TIFF image, whatever its name says",
    "half.png": "is broken",
    "half.jpg.jpg": "is broken",
    "huge.png": "30000 x 30000 is 900 megapixels, over the limit of 100",
    "folder.png": "is a folder",
    "one-name.png": "another file gives a page of the same name",
    "one-name.tif": "another file gives a page of the same name",
    "blank.png": "the page is blank",
    "black.png": "the page is black",
    "dot.png": "the page is black",
    "no-anchors.png": "no printed sentence was found, whichever way up",
    "no-handwriting.png": "no handwriting between",
    "two-answers.png": "2 answers in one scan",
    "x\\n.png": "rename it",
    "linked.png": "outside the pages' folder",
}
SAME_PIXELS = ["sixteen-bit", "palette", "transparent"]
TURNED = {"upside-down": 180.0, "sideways": -90.0}
PLAIN = ["good", "cmyk", "exif", "ruled"]


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the crop stage wrote."""
    project = tmp_path_factory.mktemp("bad-pages")
    (project / "conf").symlink_to(ROOT / "conf")
    pages = project / "data/pages"
    pages.mkdir(parents=True)
    write_all(pages)
    (project / "elsewhere.png").write_bytes((pages / "good.png").read_bytes())
    (pages / "linked.png").symlink_to("../../elsewhere.png")
    (pages / "x\n.png").write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "stages.crop", "crop=anchors"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return project / "data/regions"


def layout_of(regions: Path, page: str) -> Layout:
    return read_record(regions / page / "layout.json", Layout)


def test_each_bad_page_is_rejected_with_its_reason_and_no_other(regions: Path) -> None:
    reasons = {r.source: r.reason for r in read_jsonl(regions / "rejected.jsonl", Rejection)}
    assert reasons.keys() == REASONS.keys()
    for source, reason in REASONS.items():
        assert reason in reasons[source]
        assert "\n" not in reasons[source]


def test_every_other_page_says_what_the_good_one_says(regions: Path) -> None:
    good = layout_of(regions, "good")
    assert (good.test, good.band, good.fallbacks, good.outline) == (3, 6.5, [], None)
    assert good.topic and good.comment
    for page in [*PLAIN, *SAME_PIXELS, *TURNED, "photo", "squared", "dotted"]:
        layout = layout_of(regions, page)
        assert layout.topic and layout.comment
        assert (layout.topic.text, layout.comment.text) == (good.topic.text, good.comment.text)
        assert (layout.test, layout.band) == (good.test, good.band)


@pytest.mark.parametrize("page", SAME_PIXELS)
def test_the_colour_mode_does_not_matter(regions: Path, page: str) -> None:
    good, other = layout_of(regions, "good"), layout_of(regions, page)
    assert other.scan != good.scan
    same = {"page": "good", "source": "good.png", "scan": good.scan}
    assert other.model_copy(update=same) == good
    assert (regions / page / "essay.png").read_bytes() == (regions / "good/essay.png").read_bytes()


@pytest.mark.parametrize(("page", "degrees"), TURNED.items())
def test_a_turned_page_is_put_right_and_the_layout_says_so(
    regions: Path, page: str, degrees: float
) -> None:
    good, layout = layout_of(regions, "good"), layout_of(regions, page)
    assert layout.rotation_degrees == pytest.approx(degrees, abs=0.1)
    assert [f"turned by {degrees:.0f} degrees" in note for note in layout.fallbacks] == [True]
    assert layout.region.corners == pytest.approx(good.region.corners, abs=3)


def test_the_sheet_of_a_photo_is_found_and_evenly_lit(regions: Path) -> None:
    good, layout = layout_of(regions, "good"), layout_of(regions, "photo")
    assert layout.outline
    assert ["outline" in note or "shadows" in note for note in layout.fallbacks] == [True, True]
    with Image.open(regions / "photo/essay.png") as essay:
        pixels = np.asarray(essay.convert("L"))
    sides = np.concatenate([pixels[:, :20].ravel(), pixels[:, -20:].ravel()])
    assert (sides > 150).mean() > 0.99
    assert layout.region.height == pytest.approx(good.region.height, rel=0.1)


def test_a_page_without_comment_goes_on_and_says_so(regions: Path) -> None:
    layout = layout_of(regions, "no-comment")
    assert layout.comment is None
    assert ["was not found" in note for note in layout.fallbacks] == [True]
