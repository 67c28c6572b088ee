from pathlib import Path

import pytest
from hypothesis import given, settings

from stages.errors import UserError
from stages.records import Transcription
from stages.transcriptions import (
    dump_transcription,
    read_transcription,
    read_transcriptions,
    read_typed,
    write_transcription,
)
from tests.typed import transcriptions

ROOT = Path(__file__).parents[1]

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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("band: 11", "band"),
        ("band: six", "band"),
        ("band: 6.3", "band"),
        ("esay: |\n  x", "esay"),
        ("essay: 3", "essay"),
        ("essay: ''", "essay"),
        ("topic: a: b", "line 1"),
        ("essay: |\n\tx", "line 2"),
        ("", "holds no transcription"),
        ("- a", "holds no transcription"),
        ("essay: !!python/object/apply:os.getcwd []", "line 1"),
        (b"topic: \xff", "UTF-8"),
    ],
)
def test_a_malformed_transcription_is_one_line_that_names_it(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    path = tmp_path / "page.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as caught:
        read_transcription(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


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
    with pytest.raises(UserError, match="cannot be written"):
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


@pytest.mark.parametrize("line", ["a ~~b", "~~~~", "a~~ b ~~c~~ d~~~~"])
def test_a_strike_without_partner_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(f"essay: |\n  fine\n  {line}\n")
    with pytest.raises(UserError, match="without partner") as caught:
        read_transcription(path)
    assert line in str(caught.value)


def test_an_essay_that_is_all_struck_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("essay: |\n  ~~gone~~\n")
    with pytest.raises(UserError, match="all of it is struck"):
        read_transcription(path)
