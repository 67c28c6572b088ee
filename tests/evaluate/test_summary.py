from dataclasses import replace
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.evaluate import summary
from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import score_page
from stages.evaluate.scores import Scores, total
from stages.evaluate.summary import summarise
from stages.pages.records import Transcription
from tests.evaluate.pages import make_outcome


def _scores(outcomes: list[Outcome]) -> Scores:
    return total([score_page(outcome) for outcome in outcomes])


def test_counts_reasons_rates_and_places(three_pages: list[Outcome]) -> None:
    rejections = [outcome.rejection for outcome in three_pages if outcome.rejection]
    text = summarise(_scores(three_pages), rejections, "sqlite:///mlflow.db")
    assert "2 pages done, 1 rejected" in text
    assert "b.png (b), by crop: is broken" in text
    rows = {line[:17].strip(): line[17:].split("%") for line in text.splitlines()}
    assert [cell.strip() for cell in rows["essay"]] == ["17.4", "13.0", "28.6", "14.3", ""]
    assert rows["examiner comment"][0].split() == ["-"] * 4
    assert "2 pages are transcribed; 1 of them rejected" in text
    assert "50.0 %" in text
    assert "right on 50.0 % of the 2 pages where it is typed" in text
    assert "the essays typed line by line have 3 lines, 2 were found" in text
    assert "CER corrected, 95 % interval over pages: 0.0 % to 100.0 %" in text
    assert "best choice of segmentation and n-best, raw essay CER 17.4 %" in text
    assert "metrics/report.html" in text and "data/dataset/dataset.jsonl" in text
    assert "make ui" in text


def test_columns_stand_under_their_heads(three_pages: list[Outcome]) -> None:
    lines = summarise(_scores(three_pages), [], None).splitlines()
    head = next(line for line in lines if "corrected" in line)
    row = next(line for line in lines if line.startswith("essay"))
    assert len(row) == len(head) <= 80
    assert row.index("17.4 %") + len("17.4 %") == head.index("raw") + len("raw")


def test_what_became_of_misspellings_is_told() -> None:
    truth = Transcription(essay=["the goverment"])
    page = make_outcome(raw=["the goverment"], final=["the government"], truth=truth)
    text = summarise(_scores([page]), [], None)
    assert "0.0 % of 1 non-words (misspellings, mostly) are kept as written" in text


def test_what_trained_the_recogniser_is_told(three_pages: list[Outcome]) -> None:
    page_a, *others = three_pages
    text = summarise(_scores([replace(page_a, trained_on=True), *others]), [], None)
    assert "trained on 1 of these essays; corrected, the others have CER 100.0 %" in text
    every = [replace(page, trained_on=True) for page in three_pages]
    text = summarise(_scores(every), [], None)
    assert "trained on 2 of these essays: how it reads others is not known" in text


def test_nothing_transcribed_nothing_tracked() -> None:
    text = summarise(_scores([make_outcome()]), [], None)
    assert "nothing is scored" in text
    assert "CER" not in text and "MLflow" not in text


def test_before_any_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed = "or see why it failed: the last line that begins with `evaluate:`"
    with pytest.raises(UserError, match=rf"metrics/scores\.json: not there yet; .*, {failed}"):
        summary.show(tracked=False)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics/scores.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match=r"data/dataset/rejected\.jsonl: not there yet"):
        summary.show(tracked=False)


def test_a_server_needs_no_make_ui() -> None:
    text = summarise(_scores([make_outcome()]), [], "https://runs.example.org")
    assert "https://runs.example.org" in text and "make ui" not in text


def test_pages_whose_essay_is_typed_are_counted_apart() -> None:
    essay = make_outcome("a", truth=Transcription(essay=["x"]))
    pages = [essay, make_outcome("b", truth=Transcription(band=6.5)), make_outcome("c")]
    text = summarise(_scores(pages), [], None)
    assert "2 pages are transcribed (1 essay)" in text
    assert "the band is right on 100.0 % of the 1 page where it is typed" in text


def test_an_essay_typed_in_one_line_is_in_no_count_of_lines() -> None:
    page = make_outcome(raw=["one", "two"], truth=Transcription(essay=["one two"]))
    assert "line by line" not in summarise(_scores([page]), [], None)


def test_pages_read_with_a_guess_are_named(three_pages: list[Outcome]) -> None:
    scores = _scores(three_pages)
    guessed = {f"p{number:02d}": ["band not found", "topic not found"] for number in range(12)}
    lines = summarise(scores, [], None, guessed).splitlines()
    assert lines[1] == "12 pages were read with a guess, look at them:"
    assert lines[2] == "  p00: band not found, topic not found"
    assert lines[11:13] == ["  p09: band not found, topic not found", "  and 2 more"]
    one = summarise(scores, [], None, {"p": ["band not read"]})
    assert "1 page was read with a guess, look at it:\n  p: band not read\n" in one
    assert "guess" not in summarise(scores, [], None)


def test_transcriptions_that_may_be_wrong_are_named(three_pages: list[Outcome]) -> None:
    page = {"status": "done", "essay_cer_raw": "0.7", "essay_line_count_error": "1"}
    page |= {"essay_lines": "14", "essay_lines_transcribed": "13"}
    rows = [{"page": f"p{number}", **page} for number in range(7)]
    text = summarise(_scores(three_pages), [], None, rows=rows)
    assert "data/transcriptions/p4.yaml: hardly anything agrees" in text
    assert "7 pages have more or fewer lines than are typed:\n  p0: 14 lines found, 13" in text
    assert "  and 2 more\n" in text
