import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

from stages.evaluate.outcomes import Outcome
from stages.evaluate.report.render import percent, points
from stages.pages.records import Transcription
from tests.evaluate.pages import make_outcome
from tests.evaluate.pictures import make_report

HOSTILE = "</noscript></script><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x"


class _Elements(HTMLParser):
    """All start tags with their attributes, as a browser without scripts sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_texts_from_pages_are_escaped() -> None:
    pages = [
        make_outcome(
            HOSTILE,
            raw=[HOSTILE, "x"],
            topic=HOSTILE,
            truth=Transcription(topic=HOSTILE, essay=[HOSTILE, HOSTILE]),
        ),
        make_outcome("b", reason=HOSTILE),
    ]
    html = make_report(pages)
    assert html.count("<script") == html.count("</script") == 1
    elements = _Elements(html).tags
    images = [attributes for tag, attributes in elements if tag == "img"]
    assert len(images) == 3
    assert all(str(image["src"]).startswith("data:image/webp;base64,") for image in images)
    handlers = {name for _, attributes in elements for name in attributes if name.startswith("on")}
    assert handlers == set()
    assert "<code>&lt;i&gt;</code>" in html


def test_only_its_own_script_may_run() -> None:
    html = make_report([])
    script = html[html.index("<script>") + 8 : html.index("</script>")]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = re.search(r'Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert f"script-src 'sha256-{digest}';" in policy[1]


def test_it_tells_what_happened_to_every_page(three_pages: list[Outcome]) -> None:
    html = make_report(three_pages)
    assert "2 pages done, 1 rejected, 2 transcribed" in html
    assert "rejected by crop: is broken" in html
    assert "A <del>c</del><ins>b</ins>at sat." in html
    assert "comment: not found, left empty" in html
    assert "Edits (1)" in html
    assert f"<td>{percent(3 / 23)}</td>" in html


def test_the_worst_page_comes_first_in_table_and_text(three_pages: list[Outcome]) -> None:
    html = make_report(three_pages)
    for order in (r'<a href="#page-(\w)">', r'<h2 id="page-(\w)"'):
        assert re.findall(order, html) == ["b", "a", "c"]


def test_every_link_leads_somewhere_in_the_file(three_pages: list[Outcome]) -> None:
    odd = make_outcome("p 1%/ü", raw=["a", "b"], truth=Transcription(essay=["a", "c"]))
    elements = _Elements(make_report([*three_pages, odd])).tags
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {str(attributes["href"]) for tag, attributes in elements if tag == "a"}
    assert {link[1:] for link in links} <= set(ids)
    assert "#page-p%201%25%2F%C3%BC-line-2" in links


def test_it_needs_no_network_and_is_the_same_each_time(three_pages: list[Outcome]) -> None:
    html = make_report(three_pages)
    assert html == make_report(three_pages)
    assert re.findall(r'(?:src|href)="(?!data:|#)', html) == []
    assert "@import" not in html and "url(" not in html


def test_without_transcriptions_the_correction_is_shown() -> None:
    html = make_report([make_outcome("a", raw=["helo"], final=["hello"])])
    assert "nothing is scored" in html
    assert "hel<ins>l</ins>o" in html


def test_below_six_essays_any_difference_may_be_chance() -> None:
    truth = Transcription(essay=["A cat sat."])

    def told(essays: int) -> str:
        pages = [
            make_outcome(f"p{number}", raw=["A bat sat."], final=["A cat sat."], truth=truth)
            for number in range(essays)
        ]
        bands = [make_outcome(f"q{n}", truth=Transcription(band=6.5)) for n in range(12)]
        return make_report(pages + bands)

    assert told(5).count(": may be chance") == 2
    assert ": may be chance" not in told(6)
    assert "18 transcribed by hand (6 essays)." in told(6)
    assert "too narrow with fewer than 12" in told(6)
    assert "<small>of 12 transcribed</small>" in told(6)


def test_pages_that_trained_the_recogniser_are_marked() -> None:
    truth = Transcription(essay=["A cat sat."])
    seen = make_outcome("seen", raw=["A cat sat."], truth=truth, trained_on=True)
    html = make_report([seen, make_outcome("other", raw=["A bat sat."], truth=truth)])
    assert "trained on 1 of these essays: rates over all pages flatter it" in html
    assert "CER corrected, pages not trained on" in html
    assert html.count("the recogniser was trained on it") == 1
    assert "trained on" not in make_report([make_outcome("other", truth=truth)])


def test_what_is_marked_in_lines_is_said_of_each_page() -> None:
    by_line = make_outcome("a", raw=["x", "y"], truth=Transcription(essay=["x", "y"]))
    joined = make_outcome("b", raw=["x", "y"], truth=Transcription(essay=["x y"]))
    html = make_report([by_line, joined, make_outcome("c")])
    assert html.count("Marked: differences from the transcription.") == 1
    edits = "Marked: what the corrector changed (not transcribed line by line)."
    assert html.count(edits) == 2
    assert html.count("counts its character errors") == 1
    assert "2 essay lines (2 transcribed)" in html
    assert "(1 transcribed)" not in html


def test_what_is_wrong_with_a_line_is_said_in_words() -> None:
    page = make_outcome(raw=["x"])
    assert page.reading
    (line,) = page.reading.raw.lines
    flagged = line.model_copy(update={"flags": ["too_tall", "touching"]})
    raw = page.reading.raw.model_copy(update={"lines": [flagged]})
    html = make_report([replace(page, result=replace(page.reading, raw=raw))])
    assert "This line is much taller than the others, touches a neighbour." in html
    assert "<td>1 line is much taller than the others, 1 line touches a neighbour, " in html


def test_no_page_at_all() -> None:
    assert "0 pages done" in make_report([])


def test_points_have_a_sign() -> None:
    assert [points(-0.0004), points(0.0123)] == ["-0.04", "+1.23"]
