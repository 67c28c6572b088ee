from dataclasses import replace
from pathlib import Path

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import score_page
from stages.evaluate.plots import line_rows, write_table
from stages.pages.records import Transcription
from tests.evaluate.pages import make_outcome


def _rows(raw: list[str], essay: list[str], scores: list[float]) -> list[tuple[object, ...]]:
    outcome = make_outcome(raw=raw, truth=Transcription(essay=essay))
    return [tuple(row.values()) for row in line_rows([score_page(_scored(outcome, scores))])]


def _scored(outcome: Outcome, scores: list[float]) -> Outcome:
    assert outcome.reading is not None
    readings = [
        reading.model_copy(
            update={"hypotheses": [reading.hypotheses[0].model_copy(update={"score": score})]}
        )
        for reading, score in zip(outcome.reading.raw.readings, scores, strict=True)
    ]
    raw = outcome.reading.raw.model_copy(update={"readings": readings})
    return replace(outcome, result=replace(outcome.reading, raw=raw))


def test_each_line_beside_its_partner() -> None:
    assert _rows(["forst", "second"], ["first", "second"], [-0.693, 0.0]) == [
        ("p", 1, 0.5, 0.2, 5),
        ("p", 2, 1.0, 0.0, 6),
    ]


def test_a_line_that_nobody_wrote_has_no_rate() -> None:
    rows = _rows(["first", "..,", "third"], ["first", "third"], [-0.1, -2.0, -0.1])
    assert rows[1] == ("p", 2, 0.135, None, None)
    assert rows[2][1:] == (3, 0.905, 0.0, 5)


def test_only_pages_transcribed_line_for_line_have_rows(three_pages: list[Outcome]) -> None:
    pages = [score_page(outcome) for outcome in three_pages]
    assert [row["page"] for row in line_rows(pages)] == ["a", "a"]
    assert _rows(["all", "of it"], ["all of it"], [0, 0]) == []


def test_none_is_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(path, ("a", "b"), [{"a": 1, "b": None}])
    assert path.read_bytes() == b"a,b\n1,\n"
    write_table(path, ("a", "b"), [])
    assert path.read_bytes() == b"a,b\n"
