"""The stage with the correctors that need no checkpoint."""

import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest

from stages.config.composition import load
from stages.correct import __main__ as stage
from stages.correct.__main__ import correct
from stages.pages.records import RawPage
from stages.pages.stored import read_record, write_record
from tests.cached import put_in_cache
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


def test_a_candidate_that_reads_the_same_is_not_corrected_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, monkeypatch)
    written = (tmp_path / "data/corrected/p.json").read_bytes()
    put_in_cache(tmp_path, tmp_path / "data/corrected")
    shutil.rmtree(tmp_path / "data/corrected")
    path = tmp_path / "data/raw/p.json"
    raw = read_record(path, RawPage)
    other = raw.readings[0].model_copy(update={"crop": "of-another-candidate"})
    update = {
        "chosen": 1,
        "scores": [-0.2, -0.1],
        "readings": [*raw.readings, other],
    }
    write_record(path, raw.model_copy(update=update))
    mender = Mock(side_effect=AssertionError("corrected again"))
    monkeypatch.setattr(stage, "Mender", mender)
    settings = load(["correct=symspell", "correct.symspell.frequencies=symspell"])
    correct(settings)
    assert (tmp_path / "data/corrected/p.json").read_bytes() == written
    write_record(path, raw.model_copy(update={"lines": raw.lines[:2]}))
    with pytest.raises(AssertionError, match="corrected again"):
        correct(settings)
