"""The stage with the correctors that need no checkpoint."""

from pathlib import Path

import pytest

from stages.config import load
from stages.correct.__main__ import correct
from tests.correct.stage import corrected, write_page

ESSAY = ["the goverment must", "--------------", "act now"]


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *overrides: str) -> None:
    write_page(folder, ESSAY)
    monkeypatch.chdir(folder)
    correct(load(["correct=symspell", "correct.symspell.frequencies=symspell", *overrides]))


def test_a_suspect_line_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, monkeypatch)
    page = corrected(tmp_path)
    assert page.essay.raw == ESSAY
    assert page.essay.corrected == ["the government must", "", "act now"]
    (suspect,) = page.suspects
    assert (suspect.line, suspect.reason) == (1, "repeats '-' 14 times")
    assert [edit.corrector for edit in page.essay.edits] == ["symspell", "suspects"]
    assert page.essay_standard is None


def test_a_suspect_line_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, monkeypatch, "correct.drop_suspects=false")
    page = corrected(tmp_path)
    assert page.essay.corrected[1] == ESSAY[1]
    assert len(page.suspects) == 1


def test_standard_spelling_has_a_field_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = ("correct.target=standard", "correct.standard_chain=[symspell]", "correct.chain=[]")
    run(tmp_path, monkeypatch, *standard)
    page = corrected(tmp_path)
    assert page.essay.corrected == ["the goverment must", "", "act now"]
    assert page.essay_standard is not None
    assert page.essay_standard.corrected == ["the government must", "", "act now"]
    (edit,) = page.essay_standard.edits
    assert (edit.before, edit.after) == ("goverment", "government")
