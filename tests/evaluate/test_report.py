import re

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import score_page
from stages.evaluate.report import percent, render
from stages.evaluate.scores import total
from stages.records import Transcription
from tests.evaluate.pages import make_outcome


def _report(outcomes: list[Outcome]) -> str:
    pages = [score_page(outcome) for outcome in outcomes]
    return render(pages, total(pages), {"a": b"jpeg"})


def test_texts_from_pages_are_escaped() -> None:
    script = "<script>alert(1)</script>"
    html = _report(
        [
            make_outcome(script, raw=[script], topic=script, truth=Transcription(topic=script)),
            make_outcome("b", reason=script),
        ]
    )
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<code>&lt;i&gt;</code>" in html


def test_it_tells_what_happened_to_every_page(three_pages: list[Outcome]) -> None:
    html = _report(three_pages)
    assert "2 pages done, 1 rejected, 2 transcribed" in html
    assert "Rejected by crop: is broken" in html
    assert "A <del>c</del><ins>b</ins>at sat." in html
    assert "comment: not found, left empty" in html
    assert "Edits (1)" in html
    assert f"<td>{percent(4 / 23)}</td>" in html


def test_it_needs_no_network_and_is_the_same_each_time(three_pages: list[Outcome]) -> None:
    html = _report(three_pages)
    assert html == _report(three_pages)
    assert re.findall(r'(?:src|href)="(?!data:)', html) == []
    assert 'src="data:image/jpeg;base64,anBlZw=="' in html
    assert "prefers-color-scheme: dark" in html


def test_without_transcriptions_the_correction_is_shown() -> None:
    html = _report([make_outcome("a", raw=["helo"], final=["hello"])])
    assert "nothing is scored" in html
    assert "hel<ins>l</ins>o" in html


def test_no_page_at_all() -> None:
    assert "0 pages done" in _report([])
