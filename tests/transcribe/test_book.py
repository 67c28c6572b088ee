import errno
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.pages.stored import RAW, REGIONS, REJECTED, write_jsonl, write_record
from tests.transcribe.project import make_layout
from transcribe.book import Book, places


def test_print_is_framed_by_its_words() -> None:
    assert places(make_layout("one")) == {
        "topic": (22, 22, 98, 65),
        "band": (12, 52, 308, 83),
        "examiner_comment": (22, 542, 98, 570),
    }


def test_without_anchors_nothing_is_known() -> None:
    assert places(make_layout("one").model_copy(update={"anchors": []})) == {}


def test_what_the_stages_make_anew_is_shown_anew(project: Path) -> None:
    book = Book()
    before = book.scan("one")
    write_jsonl(RAW / REJECTED, [])
    layout = make_layout("one").model_copy(update={"rotation_degrees": 180})
    write_record(REGIONS / "one/layout.json", layout)
    assert {standing.state for standing in book.standings()} == {"new", "unread"}
    assert book.scan("one") != before
    (RAW / REJECTED).unlink()  # as while recognize runs
    assert book.standing("blank").state == "unread"


def test_a_scan_drawn_anew_has_another_address_and_one_not_cropped_is_one_line(
    project: Path,
) -> None:
    book = Book()
    before = book.view("one")["scan"]
    assert before and book.view("one")["scan"] == before
    write_record(REGIONS / "one/layout.json", make_layout("one"))
    assert book.view("one")["scan"] not in ("", before)
    (REGIONS / "one/layout.json").unlink()  # as while crop runs
    with pytest.raises(UserError, match=r"one/layout\.json: cannot be read.*makes it anew"):
        book.scan("one")


def test_a_file_that_may_not_be_read_is_its_page_s_fault_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(page: str) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", f"{page}.yaml")

    monkeypatch.setattr("transcribe.book.digest_of", refused)
    standings = [found for found in Book().standings() if found.state != "rejected"]
    assert {found.state for found in standings} == {"faulty"}
    for standing in standings:
        assert standing.reason.startswith(f"{standing.page}.yaml: permission denied; make it")
