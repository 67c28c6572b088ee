import errno
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest

from stages.errors import UserError
from stages.files import replacing
from stages.pages.stored import REGIONS, write_record
from stages.pages.transcriptions import read_transcription, read_typed
from tests.transcribe.project import COMMENT, TOPIC, make_layout
from transcribe.book import Book
from transcribe.draft import Draft, Row
from transcribe.drafts import Drafts, finished_fields


@pytest.fixture
def drafts(project: Path) -> Drafts:
    return Book().drafts


def accepted(draft: Draft, **texts: str) -> list[Row]:
    """All rows accepted, some with another text."""
    return [
        row.model_copy(
            update={"accepted": True, "text": texts.get(row.id.replace("-", "_"), row.text)}
        )
        for row in draft.rows
    ]


def typed(project: Path, page: str = "one") -> Path:
    return project / f"data/transcriptions/{page}.yaml"


def test_a_page_is_written_field_by_field_as_it_is_accepted(drafts: Drafts, project: Path) -> None:
    new = drafts.open("one")
    assert [row.text for row in new.rows] == [
        TOPIC,
        "6.5",
        "A cat sot",
        "on the met.",
        "The end",
        COMMENT,
    ]
    rows = [row.model_copy(update={"accepted": row.id in {"topic", "line-1"}}) for row in new.rows]
    draft = drafts.save("one", new.version, new.rows, rows)
    assert typed(project).read_text() == f"topic: {TOPIC}\n"
    draft = drafts.save(
        "one", draft.version, draft.rows, accepted(draft, line_1="A cat ~~so~~ sat")
    )
    assert typed(project).read_text() == (
        f"topic: {TOPIC}\nband: 6.5\nessay: |\n  A cat ~~so~~ sat\n  on the met.\n  The end\n"
        f"examiner_comment: {COMMENT}\n"
    )
    assert read_transcription(typed(project)).essay == ["A cat sat", "on the met.", "The end"]


def test_a_line_that_is_typed_again_leaves_the_file_until_it_is_accepted(
    drafts: Drafts, project: Path
) -> None:
    draft = drafts.save("one", 0, drafts.open("one").rows, accepted(drafts.open("one")))
    before = typed(project).read_text()
    half = [row.model_copy(update={"text": "ha", "accepted": False}) for row in draft.rows[2:3]]
    draft = drafts.save("one", draft.version, draft.rows, [*draft.rows[:2], *half, *draft.rows[3:]])
    assert typed(project).read_text() == before
    assert drafts.open("one").rows[2].text == "ha"


def test_an_existing_file_is_opened_and_not_touched(drafts: Drafts, project: Path) -> None:
    typed(project).parent.mkdir()
    by_hand = "# mine\nessay: |\n  A cat sat\n  on the mat.\n\n  The end\nband: 6 # ?\n"
    typed(project).write_bytes(by_hand.replace("\n", "\r\n").encode())
    draft = drafts.open("one")
    assert [(row.text, row.accepted) for row in draft.rows] == [
        (TOPIC, False),
        ("6.0", True),
        ("A cat sat", True),
        ("on the mat.", True),
        ("The end", True),
        (COMMENT, False),
    ]
    draft = drafts.save("one", draft.version, draft.rows, draft.rows)
    assert typed(project).read_bytes() == by_hand.replace("\n", "\r\n").encode()
    drafts.save("one", draft.version, draft.rows, accepted(draft, band="7", topic="", line_3="End"))
    after = by_hand.replace("band: 6 #", "band: 7.0 #").replace("\n\n  The end", "\n  End")
    expected = f"{after}examiner_comment: {COMMENT}\n".replace("\n", "\r\n")
    assert typed(project).read_bytes().decode() == expected


def test_a_mark_without_partner_is_an_open_line(drafts: Drafts, project: Path) -> None:
    typed(project).parent.mkdir()
    typed(project).write_text("essay: |\n  A cat ~~so sat\n  on the mat.\n  The end\n")
    lines = [(row.text, row.accepted) for row in drafts.open("one").rows if row.field == "essay"]
    assert lines == [("A cat ~~so sat", False), ("on the mat.", True), ("The end", True)]


def test_an_edit_in_an_editor_and_one_in_the_window_are_both_kept(
    drafts: Drafts, project: Path
) -> None:
    draft = drafts.save("one", 0, drafts.open("one").rows, accepted(drafts.open("one")))
    typed(project).write_text(typed(project).read_text().replace("A cat sot", "A cat set"))
    mine = [*draft.rows]
    mine[3] = mine[3].model_copy(update={"text": "on the mat.", "accepted": True})
    both = drafts.save("one", draft.version, draft.rows, mine)
    assert read_typed(typed(project)).essay == ["A cat set", "on the mat.", "The end"]
    typed(project).write_text(typed(project).read_text().replace("A cat set", "A cat sit"))
    mine = [*both.rows]
    mine[2] = mine[2].model_copy(update={"text": "A cat sut", "accepted": True})
    clash = drafts.save("one", both.version, both.rows, mine)
    assert (clash.rows[2].text, clash.rows[2].others) == ("A cat sut", ("A cat sit",))
    assert read_typed(typed(project)).essay == ["A cat sit", "on the mat.", "The end"]


def test_an_accepted_line_that_waits_for_another_outlives_a_change_in_an_editor(
    drafts: Drafts, project: Path
) -> None:
    draft = drafts.save("one", 0, drafts.open("one").rows, accepted(drafts.open("one")))
    rows = accepted(draft, line_1="A cat sat")
    rows[3] = rows[3].model_copy(update={"text": "on the m", "accepted": False})
    draft = drafts.save("one", draft.version, draft.rows, rows)
    typed(project).write_text(typed(project).read_text().replace("band: 6.5", "band: 7.0"))
    after = drafts.open("one")
    assert after.rows[1].text == "7.0"
    assert after.rows[2:5] == draft.rows[2:5]
    text = typed(project).read_text()
    typed(project).write_text(text.replace("A cat sot", "A cut sot").replace("The end", "The End"))
    after = drafts.open("one")
    assert [(row.text, row.accepted, row.others) for row in after.rows[2:5]] == [
        ("A cat sat", False, ("A cut sot",)),
        ("on the m", False, ()),
        ("The End", True, ()),
    ]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_whichever_write_fails_nothing_typed_is_lost_when_the_window_tries_again(
    at: int, drafts: Drafts, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0

    def full(path: Path, durable: bool) -> AbstractContextManager[BinaryIO]:
        nonlocal writes
        writes += 1
        if writes == at:
            raise OSError(errno.ENOSPC, "no space left on device", str(path))
        return replacing(path, durable)

    draft = drafts.save("one", 0, drafts.open("one").rows, accepted(drafts.open("one")))
    rows = accepted(draft, line_1="A cat sat")
    rows[3] = rows[3].model_copy(update={"text": "on the m", "accepted": False})
    draft = drafts.save("one", draft.version, draft.rows, rows)
    rows = [*draft.rows]
    rows[0] = rows[0].model_copy(update={"text": "Should dogs be free?"})
    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space"):
        patched.setattr("transcribe.drafts.replacing", full)
        drafts.save("one", draft.version, draft.rows, rows)
    again = drafts.save("one", draft.version, draft.rows, rows)
    assert again.rows == rows
    assert read_typed(typed(project)).topic == "Should dogs be free?"
    assert read_typed(typed(project)).essay == ["A cat sot", "on the met.", "The end"]


def test_a_field_that_is_taken_out_of_the_file_is_not_written_again(
    drafts: Drafts, project: Path
) -> None:
    draft = drafts.save("one", 0, drafts.open("one").rows, accepted(drafts.open("one")))
    essay = typed(project).read_text().partition("essay")[2].partition("examiner")[0]
    typed(project).write_text(f"essay{essay}")
    mine = [*draft.rows]
    mine[2] = mine[2].model_copy(update={"text": "A cat sat"})
    after = drafts.save("one", draft.version, draft.rows, mine)
    assert typed(project).read_text() == f"essay{essay.replace('cat sot', 'cat sat')}"
    assert [row.accepted for row in after.rows] == [False, False, True, True, True, False]
    assert after.rows[0].text == TOPIC


def test_two_windows_lose_nothing(drafts: Drafts) -> None:
    base = drafts.open("one")
    first = [*base.rows]
    first[2] = first[2].model_copy(update={"text": "first"})
    second = [*base.rows]
    second[2] = second[2].model_copy(update={"text": "second"})
    second[3] = second[3].model_copy(update={"text": "only second"})
    drafts.save("one", base.version, base.rows, first)
    merged = drafts.save("one", base.version, base.rows, second)
    assert (merged.rows[2].text, merged.rows[2].others) == ("second", ("first",))
    assert merged.rows[3].text == "only second"
    assert merged.version == 2


def test_a_file_that_was_deleted_is_written_anew_by_the_next_save(
    drafts: Drafts, project: Path
) -> None:
    draft = drafts.save("two", 0, drafts.open("two").rows, accepted(drafts.open("two")))
    text = typed(project, "two").read_text()
    typed(project, "two").unlink()
    again = Book().drafts.open("two")
    assert again.rows == draft.rows
    assert Book().drafts.open("two") == again
    assert not typed(project, "two").exists()
    drafts.save("two", again.version, again.rows, again.rows)
    assert typed(project, "two").read_text() == text


def test_what_was_typed_of_another_scan_of_the_name_is_moved_aside(
    drafts: Drafts, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def scanned(digest: str) -> None:
        layout = make_layout("two").model_copy(update={"scan": digest})
        write_record(REGIONS / "two/layout.json", layout)

    scanned("a" * 64)
    draft = drafts.save("two", 0, drafts.open("two").rows, accepted(drafts.open("two")))
    scanned("b" * 64)
    assert drafts.open("two").rows == draft.rows  # its file says that this is the text
    typed(project, "two").unlink()
    scanned("c" * 64)
    assert Book().standing("two").state == "new"
    fresh = Book().drafts.open("two")
    assert [row.accepted for row in fresh.rows] == [False] * 4
    aside = project / "data/drafts/two.bbbbbbbb.old"
    assert Draft.model_validate_json(aside.read_bytes()).rows == draft.rows
    assert str(aside.relative_to(project)) in capsys.readouterr().err
    draft = drafts.open("two")
    begun = [row.model_copy(update={"text": "begun"}) for row in draft.rows]
    for digest in ("b" * 64, "c" * 64, "b" * 64):  # each time something is typed, and left
        drafts.save("two", draft.version, draft.rows, begun)
        scanned(digest)
        draft = Book().drafts.open("two")
    assert sorted(path.name for path in (project / "data/drafts").glob("two.*")) == [
        "two.bbbbbbbb.old",
        "two.bbbbbbbb1.old",
        "two.cccccccc.old",
        "two.cccccccc1.old",
    ]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_whenever_a_save_is_cut_off_the_next_opening_ends_it(
    at: int, drafts: Drafts, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0

    def cut_off(path: Path, durable: bool) -> AbstractContextManager[BinaryIO]:
        nonlocal writes
        writes += 1
        if writes == at:
            raise KeyboardInterrupt
        return replacing(path, durable)

    rows = accepted(drafts.open("two"))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("transcribe.drafts.replacing", cut_off)
        drafts.save("two", 0, drafts.open("two").rows, rows)
    again = Book().drafts.open("two")
    if at == 1:
        assert not typed(project, "two").exists()
        return
    assert again.rows == rows
    assert read_typed(typed(project, "two")).essay == ["Secand page"]
    assert Book().drafts.open("two") == again


def test_what_cannot_be_written_is_not_accepted(drafts: Drafts, project: Path) -> None:
    new = drafts.open("one")
    draft = drafts.save("one", 0, new.rows, accepted(new, band="6.3", line_1="a ~~ b"))
    assert [row.id for row in draft.rows if not row.accepted] == ["band", "line-1"]
    assert read_typed(typed(project)).model_fields_set == {"topic", "examiner_comment"}
    draft = drafts.save("one", draft.version, draft.rows, accepted(draft, band="6,5", line_1=""))
    assert read_typed(typed(project)).essay == ["on the met.", "The end"]
    assert read_typed(typed(project)).band == 6.5


def test_an_essay_that_is_all_struck_is_left_out() -> None:
    rows = [Row(id="a", field="essay", text="~~gone~~", accepted=True)]
    assert finished_fields(rows)["essay"] is None


def test_a_fault_in_a_file_or_draft_is_told_and_nothing_is_overwritten(
    drafts: Drafts, project: Path
) -> None:
    typed(project).parent.mkdir()
    typed(project).write_text("esay: |\n  x\n")
    with pytest.raises(UserError, match="esay"):
        drafts.open("one")
    with pytest.raises(UserError, match="esay"):
        drafts.save("one", 0, [], [])
    (project / "data/drafts").mkdir()
    (project / "data/drafts/two.json").write_text("{")
    with pytest.raises(UserError, match=r"two\.json"):
        drafts.open("two")
    assert typed(project).read_text() == "esay: |\n  x\n"
