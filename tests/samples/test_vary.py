import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from samples.__main__ import main, varied_pages
from samples.answers import read_answers, read_as
from samples.vary import recombine
from stages.pages.transcriptions import read_transcription

ANSWERS = read_answers()


@given(st.integers(0, 2**32), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_recombined_answer_has_5_to_18_lines_that_all_say_something(
    seed: int, insertions: bool
) -> None:
    answer = recombine(ANSWERS, np.random.default_rng(seed), insertions)
    lines = [line for line in answer.lines if line]
    assert 4 <= len(lines) <= 18
    assert all(read_as(line) for line in lines)
    kinds = {word.kind for line in lines for word in line}
    assert insertions or "inserted" not in kinds


@pytest.mark.parametrize("seed", range(3))
def test_a_varied_page_is_labelled_as_it_is_transcribed(seed: int) -> None:
    (name, page), *_ = varied_pages(1, seed)
    assert name == "varied-0001.png"
    essay = page.transcription.essay or []
    assert np.unique(page.label_map).tolist() == list(range(len(essay) + 1))


def test_a_page_does_not_depend_on_how_many_are_made() -> None:
    (_, alone), *_ = varied_pages(1, 5)
    first = next(iter(varied_pages(3, 5)))[1]
    assert np.array_equal(alone.pixels, first.pixels)


def test_the_command_writes_pages_transcriptions_and_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["samples", "--count", "1", "--out", str(tmp_path), "--seed", "3"]
    monkeypatch.setattr(sys, "argv", arguments)
    main()
    page = Image.open(tmp_path / "pages" / "varied-0001.png")
    labels = np.asarray(Image.open(tmp_path / "labels" / "varied-0001.png"))
    transcription = read_transcription(tmp_path / "transcriptions" / "varied-0001.yaml")
    assert page.size == labels.shape[::-1]
    assert labels.max() == len(transcription.essay or [])


@pytest.mark.parametrize("arguments", [["--count", "3"], ["--count", "0", "--out", "x"]])
def test_a_count_that_makes_no_sense_is_refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["samples", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert "--count" in capsys.readouterr().err
