"""The report: one HTML file that needs no network, and the same bytes for the same input."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages.evaluate.differences import Piece, differences
from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import PageScores
from stages.evaluate.scores import Row, Scores, page_row
from stages.evaluate.texts import FIELDS, Field, final_of, raw_of, truth_of
from stages.records import Edit

TEMPLATE = "report.html.j2"


@dataclass(frozen=True)
class FieldView:
    """A field as shown: `raw` and `final` as pieces of a comparison with `truth`.

    Without a truth the raw text is plain, and the final text is compared with it.
    """

    name: Field
    truth: str | None
    raw: list[Piece]
    final: list[Piece]
    edits: list[Edit]


@dataclass(frozen=True)
class PageView:
    """A page as shown; `picture` is a data URI, None where there is no overlay."""

    outcome: Outcome
    row: Row
    picture: str | None
    fields: list[FieldView]


def render(scored: Sequence[PageScores], scores: Scores, pictures: Mapping[str, bytes]) -> str:
    """The report as HTML.

    Args:
        pictures: JPEG overlays by page name.
    """
    pages = [
        PageView(
            page.outcome,
            page_row(page),
            _data_uri(pictures[page.outcome.page]) if page.outcome.page in pictures else None,
            [_view(page.outcome, field) for field in FIELDS],
        )
        for page in scored
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    return environment.get_template(TEMPLATE).render(scores=scores, pages=pages, fields=FIELDS)


def percent(rate: float | None) -> str:
    """A rate as people read it, e.g. `7.4 %`; a dash for none."""
    return "-" if rate is None else f"{100 * rate:.1f} %"


def _view(outcome: Outcome, field: Field) -> FieldView:
    truth = truth_of(outcome, field)
    raw, final = raw_of(outcome, field), final_of(outcome, field)
    edits = getattr(outcome.reading.corrected, field).edits if outcome.reading else []
    reference = raw if truth is None else truth
    return FieldView(
        field, truth, differences(reference, raw), differences(reference, final), edits
    )


def _data_uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + b64encode(picture).decode("ascii")
