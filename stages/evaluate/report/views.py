"""What the report shows of a page, ready for the template; and the order of pages."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from stages.evaluate.outcomes import Outcome
from stages.evaluate.page import PageScores
from stages.evaluate.report.lines import LineView, Shown, line_views, shown
from stages.evaluate.report.pictures import PagePictures
from stages.evaluate.scores import Row, page_row
from stages.evaluate.texts import FIELDS, Field, final_of, raw_of, truth_of
from stages.records import Edit


@dataclass(frozen=True)
class FieldView:
    """A field as shown."""

    name: Field
    truth: str | None
    raw: Shown
    final: Shown
    edits: list[Edit]


@dataclass(frozen=True)
class PageView:
    """A page as shown; `id` is its anchor in the report, in ASCII letters, digits and signs.

    `flags` say in a few words each what deserves a look.
    """

    id: str
    outcome: Outcome
    row: Row
    flags: list[str]
    pictures: PagePictures | None
    lines: list[LineView]
    fields: list[FieldView]


def page_view(page: PageScores, pictures: PagePictures | None) -> PageView:
    """What is shown of a page; `pictures` is None where the page has no layout."""
    return PageView(
        id="page-" + quote(page.outcome.page, safe=""),
        outcome=page.outcome,
        row=page_row(page),
        flags=_flags(page),
        pictures=pictures,
        lines=line_views(page.outcome),
        fields=[_field(page.outcome, field) for field in FIELDS],
    )


def worst_first(pages: Iterable[PageScores]) -> list[PageScores]:
    """Pages in the order of the report.

    First those with a transcribed essay: rejected ones, then by falling CER of the corrected essay.
    Then the others: rejected ones, then by rising score of the recogniser. Equals go by name.
    """

    def rank(page: PageScores) -> tuple[bool, bool, float, str]:
        errors = page.errors.get("essay_cer")
        reading = page.outcome.reading
        if errors is not None:
            badness = -(errors.rate or 0.0)
        else:
            badness = (reading.provenance.essay_score or 0.0) if reading else 0.0
        return errors is None, reading is not None, badness, page.outcome.page

    return sorted(pages, key=rank)


def largest_cer(pages: Iterable[PageView]) -> float:
    """The largest error rate of an essay, raw or corrected; 1 where there is none above 0."""
    rates = [page.row[name] for page in pages for name in ("essay_cer_raw", "essay_cer")]
    return max([rate for rate in rates if isinstance(rate, float)], default=0.0) or 1.0


def _flags(page: PageScores) -> list[str]:
    outcome = page.outcome
    flags = ["rejected"] if outcome.rejection else []
    if outcome.reading:
        if page.band_correct == 0:
            flags.append("band wrong")
        if page.line_count_error:
            flags.append(f"{page.lines} of {page.lines_transcribed} lines")
        kinds = Counter(flag for line in outcome.reading.raw.lines for flag in line.flags)
        flags += [f"{kind.replace('_', ' ')}: {kinds[kind]}" for kind in sorted(kinds)]
    fallbacks = outcome.layout.fallbacks if outcome.layout else []
    return flags + [f"{fallback.partition(':')[0]} fallback" for fallback in fallbacks]


def _field(outcome: Outcome, field: Field) -> FieldView:
    truth = truth_of(outcome, field)
    raw, final = raw_of(outcome, field), final_of(outcome, field)
    edits = getattr(outcome.reading.corrected, field).edits if outcome.reading else []
    return FieldView(field, truth, shown(truth, raw, raw), shown(truth, raw, final), edits)
