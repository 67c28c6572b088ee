import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome
from stages.evaluate.scores import (
    Errors,
    band_correct,
    character_errors,
    page_row,
    total,
    word_errors,
)
from stages.records import Transcription
from tests.evaluate.pages import make_outcome

texts = st.text(st.sampled_from("ab c'"), max_size=20).map(normalise)


def test_errors_worked_by_hand() -> None:
    assert character_errors("kitten", "sitting") == Errors(2, 0, 1, 6)
    assert word_errors("the cat sat down", "the cut sat") == Errors(1, 1, 0, 4)


def test_a_rate_can_exceed_one_and_needs_a_reference() -> None:
    assert word_errors("one", "not one word of it").rate == 4
    assert character_errors("", "abc") == Errors(insertions=3)
    assert character_errors("", "abc").rate is None


@given(texts.filter(bool))
def test_a_perfect_reading_has_no_errors(text: str) -> None:
    assert character_errors(text, text).rate == 0
    assert word_errors(text, text).rate == 0


@given(st.lists(st.tuples(texts.filter(bool), texts), min_size=1, max_size=4))
def test_pooled_rates_are_jiwers_over_all_texts(pairs: list[tuple[str, str]]) -> None:
    references, hypotheses = map(list, zip(*pairs, strict=True))
    characters = sum((character_errors(*pair) for pair in pairs), Errors())
    words = sum((word_errors(*pair) for pair in pairs), Errors())
    assert characters.rate == pytest.approx(jiwer.cer(references, hypotheses), abs=1e-6)
    assert words.rate == pytest.approx(jiwer.wer(references, hypotheses), abs=1e-6)


def test_totals_worked_by_hand(three_pages: list[Outcome]) -> None:
    scores = total(three_pages)
    assert (scores["pages_done"], scores["pages_rejected"]) == (2, 1)
    assert (scores["pages_transcribed"], scores["pages_transcribed_rejected"]) == (2, 1)
    # "A cat sat. It is red" has 20 characters in 6 words; page b's "Two" is all lost.
    assert scores["essay_cer_raw"] == round((1 + 3) / 23, 6)
    assert scores["essay_cer"] == round(3 / 23, 6)
    assert scores["essay_wer_raw"] == round((1 + 1) / 7, 6)
    assert scores["essay_wer"] == round(1 / 7, 6)
    assert scores["topic_cer"] == 0
    assert "examiner_comment_cer" not in scores
    assert scores["band_accuracy"] == 0.5
    assert (scores["essay_lines"], scores["essay_lines_transcribed"]) == (2, 3)


def test_without_transcriptions_there_are_only_counts() -> None:
    scores = total([make_outcome("a"), make_outcome("b", reason="blank")])
    assert {name for name, value in scores.items() if isinstance(value, float)} == set()
    assert (scores["pages_done"], scores["pages_rejected"]) == (1, 1)
    assert scores["pages_transcribed"] == 0


def test_a_page_read_without_its_print_loses_it() -> None:
    outcome = make_outcome(truth=Transcription(topic="Cars", examiner_comment="Good."))
    row = page_row(outcome)
    assert row["topic_cer"] == row["examiner_comment_wer"] == 1
    assert row["essay_cer"] is None


def test_a_field_transcribed_as_empty_counts_insertions_in_the_pool() -> None:
    noise = make_outcome("a", topic="ab", truth=Transcription(topic=""))
    exact = make_outcome("b", topic="word", truth=Transcription(topic="word"))
    assert page_row(noise)["topic_cer"] is None
    assert total([noise, exact])["topic_cer"] == 2 / 4


@pytest.mark.parametrize(("read", "correct"), [(6.5, 1), (6.0, 0)])
def test_band_is_right_or_wrong(read: float, correct: int) -> None:
    assert band_correct(make_outcome(band=read, truth=Transcription(band=6.5))) == correct


def test_quotes_and_line_breaks_cost_nothing() -> None:
    truth = Transcription(essay=["It\u2019s a", "long \u2013 way"])
    row = page_row(make_outcome(raw=["It's", "a long - way"], truth=truth))
    assert row["essay_cer_raw"] == row["essay_wer_raw"] == 0
