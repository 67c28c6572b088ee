"""The report's HTML: escaped throughout, and closed to whatever script a text may bring.

A page's scan and lines stand in `<noscript>`: text to a browser with scripts, which `report.js`
turns into elements when the page comes near the screen; plain content to one without.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages.evaluate.bootstrap import FEW_PAGES
from stages.evaluate.doubts import FLAGGED
from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import PageScores
from stages.evaluate.report.pictures import PagePictures
from stages.evaluate.report.summary import essay_changes, essay_rates
from stages.evaluate.report.views import index_view, largest_cer, page_view
from stages.evaluate.scores import Scores
from stages.evaluate.texts import FIELDS

ROOM = Path(__file__).parent


def render_page(page: PageScores, outcome: Outcome, pictures: PagePictures | None) -> Markup:
    """A page's section of the report.

    Args:
        pictures: None where the page has no layout.
    """
    view = page_view(page, outcome, pictures)
    return Markup(environment().get_template("page.html.j2").render(page=view))


def render(
    pages: Sequence[PageScores], scores: Scores, sections: Iterable[Markup]
) -> Iterator[str]:
    """The report as HTML, in one file, piece by piece.

    Args:
        pages: in the order of the sections.
        scores: the content of details.json.
        sections: each is taken when it is its turn.
    """
    index = [index_view(page) for page in pages]
    script = _own("report.js")
    return (
        environment()
        .get_template("report.html.j2")
        .generate(
            scores=scores,
            pages=index,
            sections=sections,
            rates=essay_rates(scores),
            changes=essay_changes(scores),
            largest=largest_cer(index),
            few=int(scores.get("essay_pages", 0)) < FEW_PAGES,
            style=_own("report.css"),
            script=script,
            script_hash=b64encode(sha256(script.encode()).digest()).decode("ascii"),
        )
    )


@cache
def environment() -> Environment:
    """Jinja's, for all templates of the report."""
    made = Environment(
        loader=FileSystemLoader(ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"percent": percent, "points": points}
    made.globals |= {"fields": FIELDS, "flagged": {kind: one for kind, (one, _) in FLAGGED.items()}}
    return made


def _own(name: str) -> Markup:
    return Markup((ROOM / name).read_text(encoding="utf-8"))


def percent(rate: float | None) -> str:
    """A rate as people read it, e.g. `7.4 %`; a dash for none."""
    return "-" if rate is None else f"{100 * rate:.1f} %"


def points(change: float) -> str:
    """A difference of rates in percentage points, with its sign and two decimals."""
    return f"{100 * change:+.2f}"
