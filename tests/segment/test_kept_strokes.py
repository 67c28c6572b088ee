from dataclasses import fields
from pathlib import Path

import cv2
import numpy as np
import pytest

from stages.errors import UserError
from stages.ink import Components
from stages.pages.scans import write_png
from stages.segment import kept_strokes
from stages.segment.kept_strokes import VARIABLE, strokes_of
from stages.segment.strokes import Strokes, find_strokes
from tests.segment.written import essay


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    region = essay(4, 90, width=901).region
    cv2.line(region, (500, 0), (500, len(region)), (90, 90, 90), 2)
    write_png(tmp_path / "essay.png", region)
    return tmp_path / "essay.png"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


def same(one: Strokes | Components, other: Strokes | Components) -> bool:
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        equal = same(a, b) if isinstance(a, Components) else np.array_equal(a, b)
        if not equal:
            return False
    return True


def test_strokes_are_kept_as_found(
    scan: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [strokes_of(scan, scale) for scale in (1.0, 0.8)]
    assert found[0].upright_rules.any()
    assert len(list(folder.iterdir())) == 2
    monkeypatch.setattr(kept_strokes, "find_strokes", None)
    for strokes, scale in zip(found, (1.0, 0.8), strict=True):
        assert same(strokes_of(scan, scale), strokes)


@pytest.mark.parametrize("damage", ["broken off", "other bytes", "gone"])
def test_what_cannot_be_read_again_is_found_anew(scan: Path, folder: Path, damage: str) -> None:
    strokes = strokes_of(scan, 1.0)
    (path,) = folder.iterdir()
    content = path.read_bytes()
    left = {"broken off": content[: len(content) // 2], "other bytes": b"x" * 99}
    path.write_bytes(left[damage]) if damage in left else path.unlink()
    assert same(strokes_of(scan, 1.0), strokes)
    assert path.read_bytes() == content


@pytest.mark.parametrize("other", ["code", "packages"])
def test_strokes_of_other_code_that_a_killed_sweep_left_are_not_taken(
    scan: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    strokes = strokes_of(scan, 1.0)
    (path,) = folder.iterdir()
    if other == "code":
        monkeypatch.setattr(kept_strokes, "code_digest", lambda stage: "edited")
    else:
        monkeypatch.setattr(kept_strokes, "package_versions", lambda: {"numpy": "0"})
    path.write_bytes(b"")
    assert same(strokes_of(scan, 1.0), strokes)
    assert path.read_bytes() == b""
    assert len(list(folder.iterdir())) == 2


def test_a_region_that_is_gone_is_one_line(scan: Path, folder: Path) -> None:
    scan.unlink()
    with pytest.raises(UserError, match="makes it anew"):
        strokes_of(scan, 1.0)


def test_outside_a_sweep_nothing_is_kept(scan: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert same(strokes_of(scan, 1.0), find_strokes(cv2.imread(str(scan))[..., ::-1]))
    assert sorted(tmp_path.rglob("*")) == before
