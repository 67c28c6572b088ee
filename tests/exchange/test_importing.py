import resource
from pathlib import Path

import pytest

from exchange.found import Found, page_of, transcription_of
from exchange.importing import plan, write
from stages.errors import UserError
from stages.pages.records import Transcription
from stages.pages.scans import PageSource
from stages.pages.transcriptions import read_transcription, read_typed, write_transcription

SOURCES = [
    PageSource("page", Path("data/pages/page.png")),
    PageSource("two.words", Path("data/pages/two.words.jpg")),
    PageSource("scan-001", Path("data/pages/scan.tif"), 0),
    PageSource("scan-002", Path("data/pages/scan.tif"), 1),
    PageSource("0003_page", Path("data/pages/0003_page.png")),
    PageSource("x (x.png)", Path("data/pages/x.png"), fault="another file gives a page named 'x'"),
]


def found(*names: str, essay: str | None = "a line", topic: str | None = None) -> Found:
    lines = {"essay": [essay], "topic": [topic]}
    return Found(f"{names[0]}.xml", list(names), lines)


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (["page.png"], "page"),
        (["page.jpg"], "page"),
        (["C:\\scans\\page.tif"], "page"),
        (["/home/me/page.png"], "page"),
        (["two.words"], "two.words"),
        (["two.words.png"], "two.words"),
        (["scan-002.png"], "scan-002"),
        (["0001.jpg", "page.xml"], "page"),
        (["0002_page.png", "0002_page.xml"], "page"),
        (["0003_page.png"], "0003_page"),
        (["0003_page.xml", "page.xml"], "0003_page"),
    ],
)
def test_a_page_is_known_by_its_image_or_its_file(names: list[str], page: str) -> None:
    assert page_of(found(*names), SOURCES) == page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unknown.png", "has no page of that name"),
        ("scan.tif", "may be any of scan-001, scan-002"),
        ("x.png", "another file"),
        ("../../x", "has no page of that name"),
        ("..", "has no page of that name"),
        ("page.png/..", "has no page of that name"),
        ("/etc/passwd\x00", "has no page of that name"),
    ],
)
def test_other_names_are_one_line_and_write_nothing(tmp_path: Path, name: str, said: str) -> None:
    folder = tmp_path / "data" / "transcriptions"
    with pytest.raises(UserError, match=said) as caught:
        plan([found("page.png"), found(name)], SOURCES, folder, overwrite=True)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_dots_writes_its_page_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "transcriptions"
    write(plan([found("../../page.png")], SOURCES, folder, overwrite=False))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [folder / "page.yaml"]


def test_what_is_typed_is_kept_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    write_transcription(path, Transcription(band=6, essay=["typed"]))
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"differs: .*page\.yaml in essay; --o"):
        plan([found("page.png")], SOURCES, tmp_path, overwrite=False)
    assert path.read_bytes() == before
    write(plan([found("page.png")], SOURCES, tmp_path, overwrite=True))
    assert read_transcription(path) == Transcription(band=6, essay=["a line"])
    (again,) = plan([found("page.png")], SOURCES, tmp_path, overwrite=False)
    assert not again.changed


TYPED = """# read twice
essay: |
  a line
band: 6  # as printed
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_field_that_is_missing_is_added_and_the_rest_stays(tmp_path: Path, ends: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_bytes(TYPED.replace("\n", ends).encode())
    write(plan([found("page.png", topic="A topic?")], SOURCES, tmp_path, overwrite=False))
    assert path.read_bytes().decode() == (TYPED + "topic: A topic?\n").replace("\n", ends)


def test_overwriting_keeps_comments_and_order(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(TYPED)
    write(plan([found("page.png", essay="another")], SOURCES, tmp_path, overwrite=True))
    assert path.read_text() == TYPED.replace("a line", "another")


def test_one_field_that_says_something_else_refuses_all_pages(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("topic: ''\n")
    other = tmp_path / "scan-001.yaml"
    other.write_text("essay: typed\nband: 4\n")
    pages = [found("scan-001.png"), found("page.png", topic="A topic?")]
    with pytest.raises(UserError) as caught:
        plan(pages, SOURCES, tmp_path, overwrite=False)
    assert str(caught.value) == (
        f"what is typed already differs: {other} in essay; {path} in topic; --overwrite replaces it"
    )
    assert sorted(tmp_path.iterdir()) == [path, other]
    assert path.read_text() == "topic: ''\n"


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    pages = [found("page.png"), found("scan-001.png", essay="long " * 400)]
    planned = plan(pages, SOURCES, tmp_path, overwrite=False)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(UserError, match=r"scan-001\.yaml: file too large"):
            write(planned)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [*tmp_path.iterdir()]
    write(planned)
    assert read_typed(tmp_path / "page.yaml").essay == ["a line"]
    assert len([*tmp_path.iterdir()]) == 2


def test_print_with_several_spaces_is_the_same_when_it_comes_again(tmp_path: Path) -> None:
    item = found("page.png", topic="A  topic?")
    write(plan([item], SOURCES, tmp_path, overwrite=False))
    (again,) = plan([item], SOURCES, tmp_path, overwrite=False)
    assert not again.changed


@pytest.mark.parametrize("text", [None, "", "  \t"])
def test_a_page_without_text_is_one_line(tmp_path: Path, text: str | None) -> None:
    with pytest.raises(UserError, match=r"page\.png\.xml: no line has any text"):
        plan([found("page.png", essay=text)], SOURCES, tmp_path, overwrite=False)


def test_print_that_is_said_to_be_empty_is_a_text_and_handwriting_is_not() -> None:
    assert transcription_of(Found("x", [], {}, blank=["topic"])) == Transcription(topic="")
    with pytest.raises(UserError, match="no line has any text"):
        transcription_of(Found("x", [], {}, blank=["essay"]))


def test_a_page_that_comes_twice_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is of page page, as is page\.png\.xml; give one"):
        plan([found("page.png"), found("page.jpg")], SOURCES, tmp_path, overwrite=True)


def test_controls_that_cannot_be_typed_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    pages = [found("page.png"), found("scan-001.png", essay="a\x9fb")]
    with pytest.raises(UserError, match=r"scan-001\.png\.xml: line 2 would hold U.009F"):
        plan(pages, SOURCES, tmp_path, overwrite=True)
    assert list(tmp_path.iterdir()) == []


def test_marks_come_in_as_they_are_typed_and_have_to_pair(tmp_path: Path) -> None:
    write(plan([found("page.png", essay="too ~~mach~~ [?]")], SOURCES, tmp_path, overwrite=False))
    path = tmp_path / "page.yaml"
    assert read_typed(path).essay == ["too ~~mach~~ [?]"]
    assert read_transcription(path).essay == ["too [?]"]
    for essay, said in ("a ~~b", "without partner"), ("~~a~~", "all of it is struck"):
        with pytest.raises(UserError, match=rf"^page\.png\.xml: .*{said}"):
            plan([found("page.png", essay=essay)], SOURCES, tmp_path, overwrite=True)
