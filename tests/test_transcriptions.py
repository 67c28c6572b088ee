from pathlib import Path

import pytest
from hypothesis import given, settings

from stages.errors import UserError
from stages.records import Transcription
from stages.transcriptions import (
    dump_transcription,
    read_transcription,
    read_transcriptions,
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
    assert read_transcription(path) == transcription
    assert [file.name for file in path.parent.iterdir()] == ["page.yaml"]


def test_the_samples_are_as_they_would_be_written() -> None:
    for path in sorted((ROOT / "data/transcriptions").glob("*.yaml")):
        assert dump_transcription(read_transcription(path)) == path.read_text(encoding="utf-8")


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
