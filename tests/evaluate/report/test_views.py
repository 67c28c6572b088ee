from dataclasses import replace

import pytest

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import score_page
from stages.evaluate.report.views import index_view, largest_cer, worst_first
from stages.pages.records import Transcription
from tests.evaluate.pages import make_outcome


def _typed(line: str) -> Transcription:
    return Transcription(essay=[line])


@pytest.fixture
def mixed() -> list[Outcome]:
    return [
        make_outcome("a-untranscribed", raw=["x"]),
        make_outcome("b-good", raw=["abcd"], truth=_typed("abcd")),
        make_outcome("c-rejected", reason="is blank"),
        make_outcome("d-worst", raw=["zzzzzzzz"], truth=_typed("abcd")),
        make_outcome("e-rejected-transcribed", reason="is blank", truth=_typed("abcd")),
        make_outcome("f-bad", raw=["abcx"], truth=_typed("abcd")),
        make_outcome("g-good", raw=["abcd"], truth=_typed("abcd")),
        make_outcome("h-band-only", raw=["x"], truth=Transcription(band=5)),
    ]


def test_worst_first_and_untranscribed_last(mixed: list[Outcome]) -> None:
    ranked = worst_first([score_page(outcome) for outcome in mixed])
    assert [page.page[0] for page in ranked] == list("edfbgcah")


def test_where_nothing_is_typed_guesses_come_after_rejections() -> None:
    plain, guessed = make_outcome("a"), make_outcome("b")
    turned, rejected = make_outcome("c"), make_outcome("d", reason="is blank")
    typed = make_outcome("e", truth=_typed("x"))
    pages = [
        replace(page, layout=page.layout.model_copy(update={"fallbacks": told}))
        for page, told in ((plain, []), (guessed, ["band: lost"]), (turned, ["scan: turned"]))
        if page.layout
    ]
    ranked = worst_first([score_page(page) for page in [*pages, rejected, typed]])
    assert "".join(page.page for page in ranked) == "edbac"


def test_flags_say_what_deserves_a_look() -> None:
    truth = Transcription(band=5, essay=["one", "two"])
    done = score_page(make_outcome(raw=["one"], truth=truth))
    assert done.flags == ["band wrong", "1 line found, 2 typed", "comment not found"]
    rejected = score_page(make_outcome(reason="is blank", truth=truth))
    assert rejected.flags == ["rejected"]


def test_an_anchor_is_ascii_whatever_the_name() -> None:
    view = index_view(score_page(make_outcome('ü "x/')))
    assert view.id == "page-%C3%BC%20%22x%2F"


def test_bars_end_at_the_largest_rate(mixed: list[Outcome]) -> None:
    views = [index_view(score_page(outcome)) for outcome in mixed]
    assert largest_cer(views) == 2.0
    assert largest_cer(views[:2]) == largest_cer([]) == 1.0
