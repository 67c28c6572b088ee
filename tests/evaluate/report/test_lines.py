from dataclasses import replace

from stages.evaluate.differences import Piece
from stages.evaluate.outcomes import Outcome
from stages.evaluate.report.lines import LineView, edits_in, line_views, shown
from stages.pages.records import CorrectedText, Edit, Transcription
from tests.evaluate.pages import make_outcome


def _edit(line: int, start: int) -> Edit:
    return Edit(
        line=line, start=start, end=start + 1, before="a", after="b", corrector="c", reason="r"
    )


def _facts(view: LineView) -> tuple[int | None, str | None, int | None]:
    return view.number, view.truth, view.final.errors if view.final else None


def test_each_line_stands_beside_its_transcription() -> None:
    truth = Transcription(essay=["A cat sat.", "It is red"])
    page = make_outcome(
        raw=["A bat sat.", "It is red"], final=["A cat sat.", "It is red"], truth=truth
    )
    first, second = line_views(page)
    assert first.raw and first.corrected
    assert first.raw.pieces == [
        Piece("same", "A "),
        Piece("missed", "c"),
        Piece("added", "b"),
        Piece("same", "at sat."),
    ]
    assert (first.raw.errors, first.corrected.errors) == (1, 0)
    assert [edit.reason for edit in first.edits] == ["not a word"]
    assert [entry.text.errors for entry in first.hypotheses] == [1]
    assert _facts(second) == (2, "It is red", 0)
    assert second.edits == []


def test_missed_and_invented_lines_are_shown_in_their_place() -> None:
    truth = Transcription(essay=["the first line", "the second of them", "and a third"])
    page = make_outcome(raw=["the first line", "and a third", "zzzz"], truth=truth)
    assert [_facts(view) for view in line_views(page)] == [
        (1, "the first line", 0),
        (None, "the second of them", None),
        (2, "and a third", 0),
        (3, "", 4),
    ]


def test_an_essay_typed_as_one_line_tells_nothing_of_lines() -> None:
    page = make_outcome(raw=["one", "two"], truth=Transcription(essay=["one two"]))
    assert [_facts(view) for view in line_views(page)] == [(1, None, None), (2, None, None)]


def test_a_rejected_page_has_no_lines() -> None:
    assert line_views(make_outcome(reason="is broken")) == []


def _rewritten(text: CorrectedText) -> Outcome:
    page = make_outcome(raw=text.raw, truth=Transcription(essay=text.raw))
    assert page.reading
    corrected = page.reading.corrected.model_copy(update={"essay": text})
    return replace(page, result=replace(page.reading, corrected=corrected))


def test_a_text_rewritten_as_a_whole_has_no_corrected_lines() -> None:
    whole = CorrectedText(raw=["one", "two"], corrected=["one tow"], edits=[_edit(-1, 5)])
    first, second = line_views(_rewritten(whole))
    assert first.corrected is second.corrected is None
    assert (first.edits, second.edits) == ([], whole.edits)
    assert second.final == second.raw


def test_an_edit_belongs_to_the_line_where_its_span_begins() -> None:
    edits = [_edit(0, 0), _edit(1, 0), _edit(-1, 3), _edit(-1, 4)]
    text = CorrectedText(raw=["abc", "de"], corrected=["abc", "de"], edits=edits)
    assert edits_in(text, 0) == [edits[0], edits[2]]
    assert edits_in(text, 1) == [edits[1], edits[3]]


def test_without_truth_the_raw_text_is_the_reference() -> None:
    assert shown(None, "helo", "hello").pieces[1] == Piece("added", "l")
    assert shown(None, "helo", "hello").errors is None


def test_the_outline_steps_from_point_to_point() -> None:
    view = line_views(make_outcome(raw=["one"]))[0]
    assert view.outline == "m120,320 880,0 0,60 -880,0z"
