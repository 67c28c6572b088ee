"""What the report shows of a page, ready for the template; and the order of pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import PageScores
from stages.evaluate.report.lines import LineView, Shown, line_views, shown
from stages.evaluate.report.pictures import PagePictures
from stages.evaluate.scores import Row, page_row
from stages.evaluate.texts import FIELDS, Field, final_of, raw_of, truth_of
from stages.pages.records import Edit


@dataclass(frozen=True)
class FieldView:
    """A field as shown."""

    name: Field
    truth: str | None
    raw: Shown
    final: Shown
    edits: list[Edit]


@dataclass(frozen=True)
class IndexView:
    """A page's row in the index; `id` is its anchor, in ASCII letters, digits and signs."""

    id: str
    page: str
    row: Row
    flags: Sequence[str]


@dataclass(frozen=True)
class PageView:
    """A page as shown."""

    id: str
    outcome: Outcome
    row: Row
    pictures: PagePictures | None
    lines: list[LineView]
    fields: list[FieldView]

    @property
    def by_line(self) -> bool:
        """Whether its lines stand beside those of a transcription."""
        return any(line.truth is not None for line in self.lines)


def index_view(page: PageScores) -> IndexView:
    """What the index shows of a page."""
    return IndexView(_anchor(page), page.page, page_row(page), page.flags)


def page_view(page: PageScores, outcome: Outcome, pictures: PagePictures | None) -> PageView:
    """What is shown of a page; `pictures` is None where the page has no layout."""
    return PageView(
        id=_anchor(page),
        outcome=outcome,
        row=page_row(page),
        pictures=pictures,
        lines=line_views(outcome),
        fields=[_field(outcome, field) for field in FIELDS],
    )


def _anchor(page: PageScores) -> str:
    return "page-" + quote(page.page, safe="")


def worst_first(pages: Iterable[PageScores]) -> list[PageScores]:
    """Pages in the order of the report.

    First those with a transcribed essay: rejected ones, then by falling CER of the corrected essay.
    Then the others: rejected ones, those of which something was guessed, then the rest, each by
    rising score of the recogniser. Equals go by name.
    """

    def rank(page: PageScores) -> tuple[bool, bool, bool, float, str]:
        errors = page.errors.get("essay_cer")
        sure = errors is None and not page.guesses
        badness = (page.score or 0.0) if errors is None else -(errors.rate or 0.0)
        return errors is None, page.done, sure, badness, page.page

    return sorted(pages, key=rank)


def largest_cer(pages: Iterable[IndexView]) -> float:
    """The largest error rate of an essay, raw or corrected; 1 where there is none above 0."""
    rates = [page.row[name] for page in pages for name in ("essay_cer_raw", "essay_cer")]
    return max([rate for rate in rates if isinstance(rate, float)], default=0.0) or 1.0


def _field(outcome: Outcome, field: Field) -> FieldView:
    truth = truth_of(outcome, field)
    raw, final = raw_of(outcome, field), final_of(outcome, field)
    edits = getattr(outcome.reading.corrected, field).edits if outcome.reading else []
    return FieldView(field, truth, shown(truth, raw, raw), shown(truth, raw, final), edits)
