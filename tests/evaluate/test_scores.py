from dataclasses import replace

import pytest

from stages.evaluate.outcomes import Outcome, Reading
from stages.evaluate.page import score_page
from stages.evaluate.scores import RATES, Row, Scores, page_row, total
from stages.pages.records import Candidate, CropReading, Hypothesis, Transcription
from tests.evaluate.pages import make_outcome
from tests.records import make_line


def _scores(outcomes: list[Outcome]) -> Scores:
    return total([score_page(outcome) for outcome in outcomes])


def _row(outcome: Outcome) -> Row:
    return page_row(score_page(outcome))


def test_totals_worked_by_hand(three_pages: list[Outcome]) -> None:
    scores = _scores(three_pages)
    assert (scores["pages_done"], scores["pages_rejected"]) == (2, 1)
    assert (scores["pages_transcribed"], scores["pages_transcribed_rejected"]) == (2, 1)
    assert (scores["essay_edits"], scores["essay_suspect_lines"]) == (2, 0)
    # "A cat sat. It is red" has 20 characters in 6 words; page b's "Two" is all lost.
    assert scores["essay_cer_raw"] == round((1 + 3) / 23, 6)
    assert scores["essay_cer"] == round(3 / 23, 6)
    assert scores["essay_wer_raw"] == round((1 + 1) / 7, 6)
    assert scores["essay_wer"] == round(1 / 7, 6)
    assert scores["topic_cer"] == 0
    assert "examiner_comment_cer" not in scores
    assert scores["essay_cer_median"] == 0.5
    assert scores["essay_cer_worst"] == 1
    assert (scores["essay_cer_low"], scores["essay_cer_high"]) == (0, 1)
    assert scores["essay_cer_deletions"] == round(3 / 23, 6)
    assert scores["essay_cer_raw_substitutions"] == round(1 / 23, 6)
    assert scores["essay_cer_insertions"] == 0
    assert (scores["essay_characters"], scores["essay_words"]) == (23, 7)
    assert scores["essay_characters_caseless"] == 23
    assert scores["essay_characters_no_punctuation"] == 22
    assert scores["essay_words_no_punctuation"] == 7
    assert scores["essay_cer_change"] == round(-1 / 23, 6)
    assert scores["essay_cer_change_low"] == -0.05
    assert scores["essay_cer_change_high"] == 0
    # The lines of page a hold 19 characters, that of page b 3.
    assert scores["essay_line_cer_raw"] == round((1 + 3) / 22, 6)
    assert scores["essay_line_count_error"] == 0.5
    assert scores["band_accuracy"] == 0.5
    assert (scores["essay_lines"], scores["essay_lines_transcribed"]) == (2, 3)


def test_pages_that_trained_the_recogniser_are_scored_apart(three_pages: list[Outcome]) -> None:
    page_a, *others = three_pages
    scores = _scores([replace(page_a, trained_on=True), *others])
    assert scores["essay_cer_unseen"] == scores["essay_wer_unseen"] == 1  # of page b, rejected
    assert scores["essay_pages_trained_on"] == 1
    without = {name: value for name, value in scores.items() if "_unseen" not in name}
    del without["essay_pages_trained_on"]
    assert without == _scores(three_pages)
    assert _row(replace(page_a, trained_on=True)) == _row(page_a) | {"trained_on": 1}
    every = _scores([replace(page, trained_on=True) for page in three_pages])
    assert every["essay_pages_trained_on"] == 2 and "essay_cer_unseen" not in every


def test_without_transcriptions_there_are_only_counts() -> None:
    scores = _scores([make_outcome("a"), make_outcome("b", reason="blank")])
    assert {name for name, value in scores.items() if isinstance(value, float)} == set()
    assert (scores["pages_done"], scores["pages_rejected"]) == (1, 1)
    assert scores["pages_transcribed"] == 0


def test_a_page_read_without_its_print_loses_it() -> None:
    outcome = make_outcome(truth=Transcription(topic="Cars", examiner_comment="Good."))
    row = _row(outcome)
    assert row["topic_cer"] == row["examiner_comment_wer"] == 1
    assert row["essay_cer"] is None


def test_a_field_transcribed_as_empty_counts_insertions_in_the_pool() -> None:
    noise = make_outcome("a", topic="ab", truth=Transcription(topic=""))
    exact = make_outcome("b", topic="word", truth=Transcription(topic="word"))
    assert _row(noise)["topic_cer"] is None
    assert _scores([noise, exact])["topic_cer"] == 2 / 4


@pytest.mark.parametrize(("read", "correct"), [(6.5, 1), (6.0, 0)])
def test_band_is_right_or_wrong(read: float, correct: int) -> None:
    outcome = make_outcome(band=read, truth=Transcription(band=6.5))
    assert _row(outcome)["band_correct"] == correct


def test_quotes_and_line_breaks_cost_nothing() -> None:
    truth = Transcription(essay=["It\u2019s a", "long \u2013 way"])
    row = _row(make_outcome(raw=["It's", "a long - way"], truth=truth))
    assert row["essay_cer_raw"] == row["essay_wer_raw"] == 0


def test_a_page_has_all_its_scores() -> None:
    truth = Transcription(essay=["Oh no, the", "taxs rise"])
    row = _row(
        make_outcome(raw=["oh no the", "taxs", "rise"], final=["oh no the tax rise"], truth=truth)
    )
    assert row["essay_cer_raw"] == round(2 / 20, 6)
    assert row["essay_cer"] == round(3 / 20, 6)
    assert row["essay_cer_caseless"] == round(2 / 20, 6)
    assert row["essay_cer_no_punctuation"] == round(2 / 19, 6)
    assert row["essay_wer_caseless"] == row["essay_wer_no_punctuation"] == 2 / 5
    assert row["essay_wer_bag_of_words"] == 3 / 5
    # The third line is surplus, and the second lacks " rise".
    assert row["essay_line_cer_raw"] == round((2 + 5 + 4) / 19, 6)
    assert row["essay_line_count_error"] == 1
    assert (row["essay_nonwords_raw_kept"], row["essay_nonwords_kept"]) == (1, 0)
    assert (row["essay_nonwords"], row["essay_nonwords_corrected"]) == (1, 1)


def test_bag_of_words_forgives_the_order_of_lines() -> None:
    truth = Transcription(essay=["one two", "three four"])
    row = _row(make_outcome(raw=["three four", "one two"], truth=truth))
    assert row["essay_wer_raw_bag_of_words"] == 0
    assert row["essay_wer_raw"] == 1


def test_the_oracle_sees_every_candidate_and_entry() -> None:
    outcome = make_outcome(raw=["a bat", "sot"], truth=Transcription(essay=["a cat", "sat"]))
    assert isinstance(outcome.result, Reading)
    texts = {"c0": ["a bat"], "c1": ["sot"], "whole": ["a bat sat", "a cat sat"]}
    readings = [
        CropReading(crop=crop, hypotheses=[Hypothesis(text=t, score=0, tokens=[]) for t in found])
        for crop, found in texts.items()
    ]
    other = Candidate(name="0.2", threshold=0.2, lines=[make_line("whole", 9)])
    result = Reading(
        record=outcome.result.record,
        provenance=outcome.result.provenance,
        corrected=outcome.result.corrected,
        raw=outcome.result.raw.model_copy(update={"readings": readings, "scores": [-0.25, -0.5]}),
        candidates=[*outcome.result.candidates, other],
    )
    row = _row(Outcome(outcome.page, outcome.source, result, outcome.layout, outcome.truth))
    assert row["essay_cer_raw"] == round(2 / 9, 6)
    assert row["essay_cer_raw_oracle_segmentation"] == round(1 / 9, 6)
    assert row["essay_cer_raw_oracle"] == 0


def test_a_rejected_page_loses_all() -> None:
    row = _row(make_outcome(reason="blank", truth=Transcription(band=5, essay=["the taxs"])))
    assert row["essay_cer"] == row["essay_wer_bag_of_words"] == row["essay_line_cer_raw"] == 1
    assert row["essay_cer_raw_oracle"] == row["essay_nonwords_lost"] == 1
    assert (row["band_correct"], row["essay_line_count_error"]) == (0, 1)


def test_rows_have_the_same_columns_whatever_is_transcribed(three_pages: list[Outcome]) -> None:
    rows = [_row(outcome) for outcome in three_pages]
    assert rows[0].keys() == rows[1].keys() == rows[2].keys()
    assert {name for name, value in rows[2].items() if value is not None} == {
        "page",
        "status",
        "trained_on",
        "essay_lines",
        "essay_edits",
        "essay_suspect_lines",
        "essay_confidence",
    }


def test_every_rate_that_two_pages_have_has_an_interval(three_pages: list[Outcome]) -> None:
    scores, rows = _scores(three_pages), [_row(page) for page in three_pages]
    shared = {name for name in RATES if sum(row[name] is not None for row in rows) > 1}
    assert {"essay_wer", "essay_cer_raw", "essay_cer_caseless"} < shared
    for name in shared:
        assert scores[f"{name}_low"] <= scores[name] <= scores[f"{name}_high"]  # type: ignore[operator]
    assert {name.removesuffix("_low") for name in scores if name.endswith("_low")} == (
        shared | {"essay_cer_change", "essay_wer_change"}
    )


def test_words_divided_at_the_end_of_a_line_are_compared_whole() -> None:
    lines = ["the govern-", "ment must"]
    truth = Transcription(essay=lines)
    page = make_outcome(raw=lines, final=["the government must"], truth=truth)
    row = _row(page)
    assert (row["essay_cer_raw"], row["essay_cer"], row["essay_words"]) == (0, 0, 3)


def test_one_page_has_no_interval() -> None:
    scores = _scores([make_outcome(truth=Transcription(essay=["x"]))])
    assert scores["essay_cer_worst"] == 0
    assert not any(name.endswith(("_low", "_high", "_change")) for name in scores)


def test_the_median_page_and_the_worst() -> None:
    truth = Transcription(essay=["four"])
    readings = {"a": "four", "b": "fuor", "c": "f"}
    pages = [make_outcome(page, raw=[text], truth=truth) for page, text in readings.items()]
    scores = _scores(pages)
    assert (scores["essay_cer_median"], scores["essay_cer_worst"]) == (0.5, 0.75)
    assert scores["essay_cer"] == round(5 / 12, 6)


def test_pages_with_a_band_and_with_an_essay_are_counted(three_pages: list[Outcome]) -> None:
    typed = make_outcome("d", truth=Transcription(band=5))
    scores = _scores([*three_pages, typed])
    assert (scores["pages_transcribed"], scores["essay_pages"], scores["band_pages"]) == (3, 2, 3)


def test_an_essay_typed_in_one_line_is_in_no_sum_of_lines() -> None:
    joined = make_outcome("a", raw=["one", "two"], truth=Transcription(essay=["one two"]))
    by_line = make_outcome("b", raw=["one", "two"], truth=Transcription(essay=["one", "two"]))
    assert _row(joined)["essay_lines"] == 2
    assert _row(joined)["essay_lines_transcribed"] is None
    scores = _scores([joined, by_line])
    assert (scores["essay_lines"], scores["essay_lines_transcribed"]) == (2, 2)
    assert scores["essay_pages"] == 2
    assert "essay_lines" not in _scores([joined])
