from dataclasses import replace

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import score_page
from stages.evaluate.scores import Row, total
from stages.evaluate.thresholds import THRESHOLD_COLUMNS, threshold_rows
from stages.pages.records import Candidate, Transcription
from tests.evaluate.pages import make_outcome


def _two_candidates(outcome: Outcome, *, chosen: float = 0.1) -> Outcome:
    """The page with a second candidate, at 0.3, that has the first line only."""
    reading = outcome.reading
    assert reading is not None
    first = reading.candidates[0]
    second = Candidate(name="0.3", threshold=0.3, lines=first.lines[:1])
    update = {"scores": [-0.5, -0.25], "chosen": [0.3, 0.1].index(chosen)}
    raw = reading.raw.model_copy(update=update)
    return replace(outcome, result=replace(reading, raw=raw, candidates=[second, first]))


def _rows(outcomes: list[Outcome]) -> list[Row]:
    candidates = next((o.reading.candidates for o in outcomes if o.reading), [])
    return threshold_rows([score_page(outcome) for outcome in outcomes], candidates)


def _page(page: str, chosen: float) -> Outcome:
    truth = Transcription(essay=["abcd", "efgh"])
    return _two_candidates(make_outcome(page, raw=["abcd", "efxh"], truth=truth), chosen=chosen)


def test_a_row_a_threshold_worked_by_hand() -> None:
    low, high = _rows([_page("p", 0.1), _page("q", 0.3)])
    assert tuple(low) == THRESHOLD_COLUMNS
    # "abcd efgh" has 9 characters: one is misread, or the second line and the space are missed
    assert tuple(low.values()) == (0.1, "0.1", round(2 / 18, 6), 4, 4, 0.0, -0.25, 1)
    assert tuple(high.values()) == (0.3, "0.3", round(10 / 18, 6), 2, 4, 1.0, -0.5, 1)


def test_with_one_candidate_the_row_agrees_with_scores_json(three_pages: list[Outcome]) -> None:
    scores = total([score_page(outcome) for outcome in three_pages])
    [row] = _rows(three_pages)
    for name in ("essay_cer_raw", "essay_lines", "essay_lines_transcribed"):
        assert row[name] == scores[name]
    assert row["pages_chosen"] == 2


def test_divided_words_are_joined_as_in_scores_json() -> None:
    lines = ["the prob-", "lem is big"]
    outcome = make_outcome(raw=lines, truth=Transcription(essay=lines))
    assert total([score_page(outcome)])["essay_cer_raw"] == 0
    assert _rows([outcome])[0]["essay_cer_raw"] == 0


def test_a_rejected_page_counts_as_read_empty() -> None:
    truth = Transcription(essay=["abcd", "efgh"])
    [low, _] = _rows([_page("p", 0.1), make_outcome("r", reason="x", truth=truth)])
    assert (low["essay_cer_raw"], low["essay_lines"]) == (round(10 / 18, 6), 2)


def test_without_transcriptions_only_the_selectors_side() -> None:
    [low, _] = _rows([_two_candidates(make_outcome(raw=["a", "b"]))])
    assert tuple(low.values()) == (0.1, "0.1", None, None, None, None, -0.25, 1)


def test_nothing_read_nothing_to_draw() -> None:
    assert _rows([make_outcome(reason="x")]) == []


def test_an_essay_typed_in_one_line_is_in_no_sum_of_lines() -> None:
    joined = make_outcome("r", raw=["abcd", "efgh"], truth=Transcription(essay=["abcd efgh"]))
    [row] = _rows([joined])
    assert (row["essay_lines"], row["essay_lines_transcribed"]) == (None, None)
    [low, high] = _rows([_two_candidates(joined), _page("p", 0.1)])
    assert (low["essay_lines"], low["essay_lines_transcribed"]) == (2, 2)
    assert (high["essay_lines"], high["essay_lines_transcribed"]) == (1, 2)
    assert low["essay_cer_raw"] == round(1 / 18, 6)
