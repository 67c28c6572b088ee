"""Two tables of per-page scores compared page by page."""

from collections.abc import Mapping
from dataclasses import dataclass

from compare.tables import LENGTH_OF, PageTable
from stages.errors import UserError
from stages.evaluate.edits import Errors
from stages.evaluate.pairs import Difference, paired_difference
from stages.evaluate.scores import HEADLINE

HEADLINE_SCORE = "essay_cer"
SCORES = (*HEADLINE, *(score for score in LENGTH_OF if score not in HEADLINE))
MOST_MOVED = 5
NAMED = 5


@dataclass(frozen=True)
class Compared:
    """One score over the common pages.

    Attributes:
        first, second: the pooled rates, in [0, inf).
        difference: second less first.
    """

    score: str
    first: float
    second: float
    difference: Difference


@dataclass(frozen=True)
class Moved:
    """A page's rates of `HEADLINE_SCORE`."""

    page: str
    first: float
    second: float


@dataclass(frozen=True)
class Comparison:
    """What two tables say of each other.

    Attributes:
        pages: those compared, in the order of their names.
        left_out: pages scored in one table only, or that a recogniser was trained on, with the
            reason.
        scores: those that both tables have.
        moved: the pages with the largest changes, the largest first, at most `MOST_MOVED`.
    """

    first: str
    second: str
    pages: list[str]
    left_out: dict[str, str]
    scores: list[Compared]
    moved: list[Moved]


def compare(first: PageTable, second: PageTable) -> Comparison:
    """A paired bootstrap and a sign-flip test (`stages.evaluate.pairs`) over the common pages.

    Raises:
        UserError: the tables were made in different forms of text, no page is scored in both that
            no recogniser was trained on, or a page's transcription is not the same in both, as far
            as it is known, or not as long.
    """
    if first.normalisation != second.normalisation:
        raise UserError(
            f"{first.name} compares texts as {first.normalisation}, {second.name} as "
            f"{second.normalisation}: score both with the same code"
        )
    one, other = first.errors[HEADLINE_SCORE], second.errors[HEADLINE_SCORE]
    common = one.keys() & other.keys()
    if not common:
        raise UserError(
            f"no page is scored in both: {first.name} has {_named(sorted(one))}, "
            f"{second.name} has {_named(sorted(other))}; both need the same pages transcribed"
        )
    pages = sorted(common - first.trained_on - second.trained_on)
    if not pages:
        raise UserError(
            f"a recogniser was trained on every page scored in both, {_named(sorted(common))}:"
            " transcribe pages that it has not seen"
        )
    _check_transcriptions(first, second, pages)
    scores = [score for score in SCORES if score in first.errors and score in second.errors]
    return Comparison(
        first=first.name,
        second=second.name,
        pages=pages,
        left_out=_left_out(first, second),
        scores=[
            compared
            for score in scores
            if (compared := _compared(score, first.errors[score], second.errors[score], pages))
        ],
        moved=_moved(one, other, pages),
    )


def _compared(
    score: str, first: Mapping[str, Errors], second: Mapping[str, Errors], pages: list[str]
) -> Compared | None:
    """None if no page has any text in this form."""
    scored = [page for page in pages if page in first and page in second]
    one, other = [first[page] for page in scored], [second[page] for page in scored]
    rates = sum(one, Errors()).rate, sum(other, Errors()).rate
    difference = paired_difference(one, other)
    if rates[0] is None or rates[1] is None or difference is None:
        return None
    return Compared(score, rates[0], rates[1], difference)


def _check_transcriptions(first: PageTable, second: PageTable, pages: list[str]) -> None:
    changed = {
        page
        for score in first.errors.keys() & second.errors.keys()
        for page in pages
        if _length(first, score, page) != _length(second, score, page)
    }
    typed = first.essays.keys() & second.essays.keys() & set(pages)
    changed |= {page for page in typed if first.essays[page] != second.essays[page]}
    if changed:
        raise UserError(
            f"the transcriptions changed between {first.name} and {second.name}, on "
            f"{_named(sorted(changed))}: score both with the same data/transcriptions"
        )


def _length(table: PageTable, score: str, page: str) -> int:
    return table.errors[score].get(page, Errors()).length


def _left_out(first: PageTable, second: PageTable) -> dict[str, str]:
    one, other = first.errors[HEADLINE_SCORE].keys(), second.errors[HEADLINE_SCORE].keys()
    reasons = {page: _why(page, second) for page in one - other}
    reasons |= {page: _why(page, first) for page in other - one}
    for table in (first, second):
        trained = f"the recogniser of {table.name} was trained on it"
        reasons |= dict.fromkeys(sorted(one & other & table.trained_on), trained)
    return dict(sorted(reasons.items()))


def _why(page: str, lacking: PageTable) -> str:
    how = "not transcribed" if page in lacking.pages else "not there"
    return f"{how} in {lacking.name}"


def _moved(one: Mapping[str, Errors], other: Mapping[str, Errors], pages: list[str]) -> list[Moved]:
    moved = [Moved(page, one[page].rate or 0.0, other[page].rate or 0.0) for page in pages]
    moved = [page for page in moved if page.first != page.second]
    moved.sort(key=lambda page: -abs(page.second - page.first))
    return moved[:MOST_MOVED]


def _named(pages: list[str]) -> str:
    if not pages:
        return "none"
    more = f" and {len(pages) - NAMED} more" if len(pages) > NAMED else ""
    return ", ".join(pages[:NAMED]) + more
