from pathlib import Path

import pytest
from hypothesis import given, settings

from stages.errors import UserError
from stages.pages.records import Transcription
from stages.pages.transcriptions import (
    MistakesError,
    Transcriptions,
    dump_transcription,
    read_transcription,
    read_transcriptions,
    read_typed,
    transcription_path,
    write_transcription,
)
from tests.typed import transcriptions

ROOT = Path(__file__).parents[2]

INDENT = "indent every line of the essay by the same two spaces"

TYPED = """\
topic: Some people think
  that cities are "loud".
band: 6
essay: |
  Now a days many peoples
    lives in a city.

  I dont agree
examiner_comment: >
  A relevant
  answer.
"""


def test_a_typed_page_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(TYPED, encoding="utf-8-sig")
    read = read_transcription(path)
    assert read.topic == 'Some people think that cities are "loud".'
    assert read.band == 6
    assert read.essay == ["Now a days many peoples", "lives in a city.", "I dont agree"]
    assert read.examiner_comment == "A relevant answer."


def test_fields_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("essay: |\n  one\n")
    (tmp_path / "ignored.txt").write_text("x")
    assert list(read_transcriptions(tmp_path)) == ["a"]
    assert read_transcriptions(tmp_path)["a"].band is None
    assert read_transcriptions(tmp_path / "missing") == {}


def test_values_are_text_as_typed(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("topic: 2016-01-01\nband: '6.5'\nessay:\n  - no\n  - 010\n")
    read = read_transcription(path)
    assert (read.topic, read.band, read.essay) == ("2016-01-01", 6.5, ["no", "010"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks_of_all_systems_are_read(tmp_path: Path, end: str, mark: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_bytes((mark + TYPED.replace("\n", end)).encode())
    assert read_transcription(path).essay == [
        "Now a days many peoples",
        "lives in a city.",
        "I dont agree",
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("band: 11", 1, "band '11': give a number from 0 to 9 in steps of 0.5"),
        ("band: six", 1, "band 'six': give a number"),
        ("band: 6,5", 1, "band '6,5': give a number"),
        ("band: 6.3", 1, "band '6.3': give a number"),
        ("band: yes", 1, "band 'yes': give a number"),
        ("band: .nan", 1, "band '.nan': give a number"),
        ("band: " + "9" * 5000, 1, "give a number"),
        ("band: [6]", 1, "band: give a number"),
        ("topic: a\nesay: |\n  x", 2, "'esay': no such field (did you mean essay?)"),
        ("1: a", 1, "'1': no such field; known fields: topic"),
        ("essay:", 1, "give text under `essay: |`"),
        ("band: 6\nessay: ''", 2, "give text under `essay: |`"),
        ("essay: |\n\n   \n", 1, "give text under `essay: |`"),
        ("essay: []", 1, "give text under `essay: |`"),
        ("essay:\n  - a\n  - b: c", 3, "give text under `essay: |`"),
        ("topic:\n  a: b", 2, "topic: give text"),
        ("essay: >\n  one\n  two", 1, "joins these lines to one; begin it `essay: |`"),
        ("band: 6\nessay: one\n  two", 2, "joins these lines to one; begin it `essay: |`"),
        ("essay: 'one\n  two'", 1, "joins these lines to one; begin it `essay: |`"),
        ("essay: a\nessay: b", 2, "essay is given twice"),
        ("band: 6\nessay: In my view: no", 2, "a colon in text without quotes; quote the text"),
        ("topic: a\nessay: |\n\tx", 3, "a tab where only spaces may stand"),
        ("essay: |\n  a\n---\n  b", 3, "--- begins a second document"),
        ("essay: |\n  a\x00b", 2, "holds the control character U+0000; delete it"),
        ('topic: a\nessay: "a\\0b"', 2, "holds the control character U+0000; delete it"),
        ('essay: "\\ud800"', 1, "holds the control character U+D800; delete it"),
        ("topic: [a", 1, "quote the text"),
        ("essay: |\none\ntwo\nband: 6", 2, INDENT),
        ("essay: |\n  one\ntwo\n  three\nband: 6", 3, INDENT),
        ("essay: |\n  one\ntwo", 3, INDENT),
        ("essay: |\n    one\n  two\n", 3, INDENT),
        ("essay: |\n    a: b\n  c: d\n", 3, f"{INDENT}, a key like its neighbours"),
        ("essay: |\n  one\nIn my view: two", 3, f"if it is text of the essay, {INDENT}"),
        ("topic: a\n band: 6", 2, "indent this key like its neighbours, or quote the text"),
        ("essay: !!python/object/apply:os.mkdir [made]", 1, "!!python/object/apply:os.mkdir"),
        ("topic: &a x\nessay: *a", 1, "&a reads as an alias"),
        (b"topic: a\nessay: caf\xe9", 2, "byte 0xe9 is not UTF-8; save it as UTF-8"),
        ("essay: caf\u00e9".encode("utf-16"), 1, "UTF-16, not UTF-8; save it as UTF-8"),
        ("essay: a".encode("utf-16-le"), 1, "U+0000"),
    ],
)
def test_a_malformed_transcription_is_one_line_with_file_line_and_cure(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | bytes,
    line: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "page.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as caught:
        read_transcription(path)
    assert str(caught.value).startswith(f"{path}: line {line}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not Path("made").exists()


@pytest.mark.parametrize("text", ["", "# nothing yet", "- a", "essay", "{}"])
def test_a_file_without_fields_holds_no_transcription(tmp_path: Path, text: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"page\.yaml: holds no transcription; give some of topic"):
        read_transcription(path)


def test_ten_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("essay: |\n" + "  word word\n" * 1_000_000)
    with pytest.raises(UserError, match=r"page\.yaml: 12\.0 MB, over the limit of 0\.1"):
        read_transcription(path)


@pytest.mark.parametrize("name", ["page.yml", "page.YAML"])
def test_a_name_that_would_not_be_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("essay: a")
    with pytest.raises(UserError, match=rf"{name}: not read by this name; rename it to page\.yaml"):
        read_transcriptions(tmp_path)


def test_of_several_mistakes_each_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("band: 11")
    (tmp_path / "b.yaml").write_text("band: 5")
    (tmp_path / "c.yml").write_text("band: 5")
    with pytest.raises(MistakesError) as caught:
        read_transcriptions(tmp_path)
    assert [told.split(": ")[0] for told in caught.value.mistakes] == [
        f"{tmp_path}/a.yaml",
        f"{tmp_path}/c.yml",
    ]
    assert str(caught.value) == f"{caught.value.mistakes[0]} (the first of 2 such files)"


def test_a_page_finds_its_transcription_however_accents_are_encoded() -> None:
    decomposed, composed = "cafe\u0301", "caf\u00e9"
    six, seven = Transcription(band=6), Transcription(band=7)
    for name, page in ((decomposed, composed), (composed, decomposed), (composed, composed)):
        typed = Transcriptions({name: six})
        assert (typed.get(page), typed.name_of(page), list(typed)) == (six, name, [name])
    both = Transcriptions({decomposed: six, composed: seven})
    assert (both[decomposed], both[composed], both.get("cafe")) == (six, seven, None)


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "._page.yaml").write_bytes(b"\0\5\x16\7 of another system")
    assert read_transcriptions(tmp_path) == {}


@settings(deadline=None)
@given(transcriptions())
def test_what_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, transcription: Transcription
) -> None:
    path = tmp_path_factory.getbasetemp() / "typed" / "page.yaml"
    write_transcription(path, transcription)
    assert read_typed(path) == transcription
    assert [file.name for file in path.parent.iterdir()] == ["page.yaml"]


def test_the_samples_are_as_they_would_be_written() -> None:
    for path in sorted((ROOT / "data/transcriptions").glob("*.yaml")):
        assert dump_transcription(read_typed(path)) == path.read_text(encoding="utf-8")


def test_what_cannot_be_typed_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("band: 5.0\n")
    for essay, said in (["a", "b\x07"], "line 3 would hold U.0007"), ([" "], "no transcription"):
        with pytest.raises(UserError, match=said) as caught:
            write_transcription(path, Transcription(essay=essay))
        assert str(path) in str(caught.value)
    assert path.read_text() == "band: 5.0\n"
    with pytest.raises(UserError, match=r"page\.yaml: file exists; name another place"):
        write_transcription(path / "page.yaml", Transcription(band=5))


def test_what_is_struck_is_kept_in_the_file_and_left_out_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(
        "essay: |\n  buy ~~to~~ too much\n  ~~all of it~~\n  go~~o~~d [?] ~ 5\n  ~~a~~ b ~~c~~\n"
    )
    assert read_transcription(path).essay == ["buy too much", "god [?] ~ 5", "b"]
    typed = read_typed(path).essay
    assert typed is not None
    assert typed[:2] == ["buy ~~to~~ too much", "~~all of it~~"]


@pytest.mark.parametrize("line", ["a ~~b", "~~~~", "~~~word~~~", "a~~ b ~~c~~ d~~~~"])
def test_a_strike_without_partner_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(f"essay: |\n  fine\n  {line}\n")
    with pytest.raises(UserError, match="without partner") as caught:
        read_transcription(path)
    assert str(caught.value).startswith(f"{path}: line 3: essay: {line!r}: ")


def test_of_a_long_line_the_place_of_the_strike_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(f"essay: |\n  {'word ' * 2000}~~gone{' word' * 2000}\n")
    with pytest.raises(UserError, match=r"line 2: essay: .*~~gone.*without partner") as caught:
        read_transcription(path)
    assert len(str(caught.value)) < len(str(path)) + 150


def test_an_essay_that_is_all_struck_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("essay: |\n  ~~gone~~\n")
    with pytest.raises(UserError, match="all of it is struck"):
        read_transcription(path)


def test_a_page_s_file_is_found_however_its_accents_are_encoded(tmp_path: Path) -> None:
    typed, scanned = "Pr\u00fcfung", "Pru\u0308fung"
    assert transcription_path(scanned, tmp_path) == tmp_path / f"{scanned}.yaml"
    (tmp_path / f"{typed}.yaml").write_text("topic: x\n")
    assert transcription_path(scanned, tmp_path) == tmp_path / f"{typed}.yaml"
    (tmp_path / f"{scanned}.yaml").write_text("topic: x\n")
    assert transcription_path(scanned, tmp_path) == tmp_path / f"{scanned}.yaml"
