"""Names and places of pages, as they come from other people's folders."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stages.errors import PageError
from stages.pages.names import MAX_NAME_BYTES, composed, on_one_line
from stages.pages.records import Rejection
from stages.pages.scans import list_pages, read_page

SCAN = Image.new("L", (20, 30), 200)


def reason(folder: Path) -> str:
    (page,) = list_pages(folder)
    assert page.fault
    written = Rejection(page=page.page, source=page.source, stage="crop", reason=page.fault)
    assert len(written.model_dump_json().splitlines()) == 1
    return page.fault


@pytest.mark.parametrize(
    "stem",
    ["two words", 'it\'s "5"', "naïve-名前-Ünï", "-n", "a.b.c", "%2e%2e", "x" * 200, "é" * 100],
)
def test_odd_names_are_names(tmp_path: Path, stem: str) -> None:
    SCAN.save(tmp_path / f"{stem}.png")
    (page,) = list_pages(tmp_path)
    assert (page.page, page.source, page.fault) == (stem, f"{stem}.png", None)
    assert read_page(page, 1).shape == (30, 20, 3)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"two\nlines.png", "line break"),
        (b"tab\t.png", "control character"),
        (b"latin-\xe9.png", "not UTF-8"),
        (b"suffix.p\nng", "line break"),
        (b"x" * 240 + b".png", "240 bytes, over 220"),
        (b"rejected.jsonl.png", "the stages write such a file"),
    ],
)
def test_names_that_nothing_can_be_named_after_are_faults(
    tmp_path: Path, name: bytes, told: str
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    assert told in reason(tmp_path)


@given(st.text(st.characters(codec=None), max_size=20))
def test_any_name_can_be_shown_on_one_line(name: str) -> None:
    shown = on_one_line(name)
    assert len(f"a{shown}b".encode().decode().splitlines()) == 1
    assert on_one_line(shown) == shown


def test_a_link_out_of_the_folder_is_a_fault_and_one_within_is_not(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    SCAN.save(tmp_path / "secret.png")
    SCAN.save(pages / "b.png")
    (pages / "a.png").symlink_to("../secret.png")
    (pages / "c.png").symlink_to("b.png")
    (pages / "d.png").symlink_to(tmp_path / "gone.png")
    (pages / "e.png").symlink_to("gone.png")
    out, plain, within, gone, lost = list_pages(pages)
    for page in (out, gone):
        assert page.fault and "outside the pages' folder" in page.fault
    assert lost.fault and "not there" in lost.fault
    assert (plain.fault, within.fault) == (None, None)


def test_dvc_may_link_to_its_own_cache_and_to_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = tmp_path / "mine/pages"
    pages.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "mine")
    for number, owner in enumerate(("mine", "other")):
        cached = tmp_path / owner / ".dvc/cache/files/md5/ab" / ("c" * 30)
        cached.parent.mkdir(parents=True)
        SCAN.save(cached, "PNG")
        (pages / f"{number}.png").symlink_to(cached)
    own, other = list_pages(pages)
    assert own.fault is None
    assert other.fault and "outside the pages' folder" in other.fault


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    SCAN.save(tmp_path / "scans/a.png")
    (tmp_path / "pages").symlink_to("scans")
    assert [page.fault for page in list_pages(tmp_path / "pages")] == [None]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "a pipe or a device" in reason(tmp_path)


def test_a_file_that_is_gone_when_its_turn_comes_is_a_fault(tmp_path: Path) -> None:
    SCAN.save(tmp_path / "a.png")
    (page,) = list_pages(tmp_path)
    page.path.unlink()
    with pytest.raises(PageError, match="No such file"):
        read_page(page, 1)


def test_the_limit_on_names_leaves_room_for_what_is_added() -> None:
    assert MAX_NAME_BYTES + len(".01234567-89ab-cdef.tmp.json") < 255


def test_names_of_one_look_are_compared_as_one() -> None:
    assert composed("cafe\u0301") == composed("caf\u00e9") == "caf\u00e9"
