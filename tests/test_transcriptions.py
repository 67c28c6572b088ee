from pathlib import Path

import pytest

from stages.errors import UserError
from stages.transcriptions import read_transcription, read_transcriptions

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
