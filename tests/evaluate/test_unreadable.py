import re
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.evaluate.edits import character_errors, graphemes
from stages.evaluate.lines import line_errors, paired_lines
from stages.evaluate.oracle import nearest_reading
from stages.evaluate.page import score_page
from stages.evaluate.preservation import Fates
from stages.evaluate.report.lines import shown
from stages.evaluate.unreadable import filled, readable, symbols
from stages.pages.records import Transcription
from tests.evaluate.pages import make_outcome

TEXT = st.text("ab ", max_size=6).map(lambda text: " ".join(text.split()))
MARKED = st.lists(st.text("ab", max_size=2), min_size=2, max_size=3).map("[?]".join)


@pytest.mark.parametrize(
    ("truth", "reading", "left"),
    [
        ("the [?] cat", "the blurb cat", ("the cat", "the cat")),
        ("the [?] cat", "the cat", ("the cat", "the cat")),
        ("the [?] cat", "tha bl urb kat", ("the cat", "tha kat")),
        ("gov[?] is", "government is", ("gov is", "gov is")),
        ("[?] cat", "the old cat", ("cat", "cat")),
        ("a [?]", "a", ("a", "a")),
        ("[?]", "xyz", ("", "")),
        ("[?]", "", ("", "")),
        ("a [?] b [?] c", "a xx b yy c", ("a b c", "a b c")),
        ("no mark", "na  mark", ("no mark", "na  mark")),
        ("e\u0301 [?] b", "e\u0301 xx b", ("\u00e9 b", "\u00e9 b")),
    ],
)
def test_what_is_unreadable_is_taken_out_of_both(
    truth: str, reading: str, left: tuple[str, str]
) -> None:
    assert readable(truth, reading) == left


def least_edits(truth: str, reading: str) -> int:
    """By trying every span in the place of every mark."""
    parts = truth.split("[?]")
    cuts = combinations_with_replacement(range(len(reading) + 1), 2 * (len(parts) - 1))
    return min(
        sum(
            character_errors(part, reading[start:end]).edits
            for part, start, end in zip(
                parts, (0, *cut[1::2]), (*cut[::2], len(reading)), strict=True
            )
        )
        for cut in cuts
    )


@given(MARKED, st.text("ab", max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_other_choice_leaves_fewer_edits(truth: str, reading: str) -> None:
    assert character_errors(*readable(truth, reading)).edits == least_edits(truth, reading)
    assert character_errors(filled(truth, reading), reading).edits == least_edits(truth, reading)
    pattern = ".*".join(re.escape(part) for part in truth.split("[?]"))
    assert re.fullmatch(pattern, filled(truth, reading))


@given(MARKED, st.text("ab", max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_transcribed_counts_in_full(truth: str, reading: str) -> None:
    assert readable(truth, reading)[0] == truth.replace("[?]", "")
    assert len(symbols(truth)) == len(graphemes(truth)) - 2 * truth.count("[?]")


@given(
    st.lists(st.sampled_from(["a", "b", "[?]", "ab"]), min_size=1, max_size=4).map(" ".join),
    st.lists(st.lists(TEXT, min_size=1, max_size=2), max_size=3),
)
@settings(max_examples=80, deadline=None)
def test_the_oracle_chooses_with_the_same_measure(truth: str, lines: list[list[str]]) -> None:
    def edits(text: str) -> int:
        return character_errors(*readable(truth, text)).edits

    texts = [" ".join(filter(None, entries)) for entries in product(*lines)]
    spaces = truth.count("[?]")  # one beside each mark may count or not
    assert edits(nearest_reading(truth, lines)) <= min(map(edits, texts)) + spaces


def test_an_unreadable_line_is_paired_and_costs_nothing() -> None:
    transcribed, recognised = ["One line", "[?]", "and more"], ["One line", "xq wvb", "amd more"]
    assert paired_lines(transcribed, recognised) == [(0, 0), (1, 1), (2, 2)]
    errors = line_errors(transcribed, recognised)
    assert errors is not None
    assert (errors.edits, errors.length) == (1, 16)


def test_a_page_is_scored_without_it() -> None:
    marked = make_outcome(
        raw=["The blurb cat", "sat"],
        final=["The blob cat", "sit"],
        truth=Transcription(essay=["The [?] cat", "sat"]),
    )
    plain = make_outcome(
        raw=["The cat", "sat"],
        final=["The cat", "sit"],
        truth=Transcription(essay=["The cat", "sat"]),
    )
    with_mark, without = score_page(marked), score_page(plain)
    assert with_mark.errors == without.errors
    assert with_mark.fates == without.fates
    assert with_mark.errors["essay_cer"].edits == 1
    assert with_mark.lines_transcribed == 2


def test_a_divided_word_may_be_unreadable_in_part() -> None:
    for typed in (["the gov-", "[?] is"], ["the [?]-", "ernment is"], ["the g[?]-", "ern[?]t is"]):
        truth = Transcription(essay=typed)
        page = score_page(make_outcome(raw=["the gov-", "ernment is"], truth=truth))
        assert page.errors["essay_cer_raw"].edits == page.errors["essay_wer"].edits == 0


def test_part_of_a_word_is_no_misspelling() -> None:
    truth = Transcription(essay=["[?] the importa[?] [?]ortant thingg"])
    page = score_page(make_outcome(raw=["an the important important thingg"], truth=truth))
    assert page.fates["essay_nonwords"] == Fates(kept=1)


def test_a_rejected_page_loses_only_what_can_be_read() -> None:
    page = make_outcome(reason="is blank", truth=Transcription(essay=["The [?] cat"]))
    assert score_page(page).errors["essay_cer"].deletions == len("The cat")


def test_the_report_shows_it_as_read() -> None:
    view = shown("The [?] cat", "The blurb kat", "The blurb kat")
    assert [(piece.kind, piece.text) for piece in view.pieces] == [
        ("same", "The blurb "),
        ("missed", "c"),
        ("added", "k"),
        ("same", "at"),
    ]
    assert view.errors == 1
