from pathlib import Path

import cv2
import numpy as np
import pytest

from stages.errors import UserError
from training.evaluate import misspellings, read_lines, render_lines
from training.fonts import font_paths

FONTS = font_paths("held_out")


def test_misspellings_are_kept_corrected_or_misread() -> None:
    references = ["i recieve many leters", "a beutiful day"]
    misspelt = [{1: "receive", 3: "letters"}, {1: "beautiful"}]
    counts = misspellings(references, ["i recieve many letters", "a beutifui day"], misspelt)
    assert counts == {
        "misspelt_words": 3,
        "kept": pytest.approx(0.3333),
        "corrected": pytest.approx(0.3333),
        "misread": pytest.approx(0.3333),
        "error_kept": pytest.approx(0.6667),
    }


def test_a_word_lost_or_moved_by_an_insertion_is_judged_by_alignment() -> None:
    counts = misspellings(["one twoo three"], ["the one twoo three"], [{1: "two"}])
    assert counts["kept"] == 1
    assert misspellings(["one twoo three"], ["three"], [{1: "two"}])["misread"] == 1
    assert misspellings(["a beutiful day"], ["a day"], [{1: "beautiful"}])["error_kept"] == 0


def test_lines_are_read_from_a_table(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 90), 200, np.uint8))
    table = tmp_path / "lines.tsv"
    table.write_text('image\twriter\ttext\na.png\tw1\tHe said "no\n')
    lines = read_lines(table)
    assert lines.crops[0].shape == (20, 90, 3)
    assert (lines.texts[0], lines.groups) == ('He said "no', ["w1"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("file\ttext\na.png\tx\n", "columns"),
        ("image\ttext\ngone.png\tx\n", r"gone\.png cannot be read"),
        ("image\ttext\na.png\n", "row 1 needs an image and a text"),
        ("text\timage\nx\n", "row 1 needs an image and a text"),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, content: str, message: str) -> None:
    table = tmp_path / "lines.tsv"
    table.write_text(content)
    with pytest.raises(UserError, match=message):
        read_lines(table)


def test_a_table_in_another_encoding_is_named(tmp_path: Path) -> None:
    table = tmp_path / "lines.tsv"
    table.write_bytes("image\ttext\na.png\tcaf\xe9\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"lines\.tsv: is no UTF-8"):
        read_lines(table)


def test_rendered_lines_repeat_and_tell_their_misspelt_words() -> None:
    first = render_lines("held_out", 8, misspelt=True, augmented=False, seed=1)
    again = render_lines("held_out", 8, misspelt=True, augmented=False, seed=1)
    assert len(first.crops) == len(first.texts) == 8
    assert len(set(first.groups)) == 2
    assert all(first.misspelt)
    for one, other in zip(first.crops, again.crops, strict=True):
        assert np.array_equal(one, other)
