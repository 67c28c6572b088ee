import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest

import stages.segment.__main__ as stage
from stages.config.composition import load
from stages.pages.records import Box, PageLines
from stages.pages.scans import write_png
from stages.pages.stored import read_record, write_record
from tests.cached import put_in_cache
from tests.records import make_layout
from tests.segment.written import essay

ROOT = Path(__file__).parents[2]


def segment(folder: Path, *overrides: str) -> tuple[PageLines, dict[str, bytes]]:
    """The page's lines, and its crops by name."""
    stage.segment(load(["segment=seams", *overrides]))
    lines = folder / "data/lines/p"
    crops = {path.name: path.read_bytes() for path in lines.glob("*.png")}
    return read_record(lines / "lines.json", PageLines), crops


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with three lines, as crop leaves it, in the working directory."""
    region = essay(3, 90).region
    place = tmp_path / "data/regions/p"
    box = Box(left=10, top=20, right=10 + region.shape[1], bottom=20 + region.shape[0])
    write_record(place / "layout.json", make_layout("p", box))
    write_png(place / "essay.png", region)
    (tmp_path / "data/regions/rejected.jsonl").touch()
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_lines_that_another_threshold_finds_too_are_not_cut_again(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, crops = segment(workplace, "segment.thresholds=[0.25]")
    put_in_cache(workplace, workplace / "data/lines")
    shutil.rmtree(workplace / "data/lines")
    monkeypatch.setattr(stage, "cut_all", Mock(side_effect=AssertionError("cut again")))
    others, same = segment(workplace, "segment.thresholds=[0.3]")
    assert same == crops and len(crops) == 3
    assert [found.name for found in others.candidates] == ["seams@0.3"]
    assert others.candidates[0].lines == lines.candidates[0].lines
    with pytest.raises(RuntimeError, match="cut again"):
        segment(workplace, "segment.crop.margin=0.3")


def test_each_threshold_has_its_candidate(workplace: Path) -> None:
    lines, crops = segment(workplace, "segment.thresholds=[0.3,0.2]")
    assert [found.name for found in lines.candidates] == ["seams@0.3", "seams@0.2"]
    first, second = (found.lines for found in lines.candidates)
    assert first == second
    assert {f"{line.crop}.png" for line in first} == crops.keys()
    assert first[0].box.left >= 10 and first[0].box.top >= 20
