"""A comparison as text for the screen."""

from compare.pairs import Compared, Comparison, Moved
from stages.evaluate.bootstrap import FEW_PAGES
from stages.evaluate.normalise import VARIANTS
from stages.evaluate.pairs import MIN_CHANGED


def render(comparison: Comparison) -> str:
    """The comparison as a table, the pages that moved most, and what to be careful about.

    Rates are percentages, differences percentage points: B less A, below 0 where B has fewer
    errors.
    """
    blocks = [_heads(comparison), _scores(comparison), _pages(comparison.moved)]
    return "\n\n".join("\n".join(block) for block in blocks)


def _heads(comparison: Comparison) -> list[str]:
    pages = len(comparison.pages)
    lines = [
        f"A  {comparison.first}",
        f"B  {comparison.second}",
        f"{pages} page{'' if pages == 1 else 's'} scored in both",
        *(f"left out: {page}, {reason}" for page, reason in comparison.left_out.items()),
    ]
    if pages < FEW_PAGES:
        lines.append(f"few pages: intervals over fewer than {FEW_PAGES} are too narrow")
    if pages < MIN_CHANGED or any(
        0 < c.difference.changed < MIN_CHANGED for c in comparison.scores
    ):
        fewer = f"fewer than {MIN_CHANGED} pages changed"
        lines.append(f"no verdict where {fewer}: all can change one way by chance")
    return lines


def _scores(comparison: Comparison) -> list[str]:
    rates = f"{'A %':>7}{'B %':>8}{'B - A':>8}   {'95 % interval':<18}"
    head = f"{'essay':<22}{rates}{'changed':>7}{'p':>8}  B is"
    return [head, *(_score(compared) for compared in comparison.scores)]


def _score(compared: Compared) -> str:
    difference = compared.difference
    between = difference.interval
    limits = f"{_points(between.low)} to {_points(between.high)}" if between else "-"
    return (
        f"{label(compared.score):<22}{_percent(compared.first):>7}{_percent(compared.second):>8}"
        f"{_points(difference.value):>8}   {limits:<18}{difference.changed:>7}"
        f"{_chance(difference.p):>8}  {difference.verdict}"
    )


def _pages(moved: list[Moved]) -> list[str]:
    if not moved:
        return ["no page's CER after correction moved"]
    width = max(22, *(len(page.page) + 2 for page in moved))
    head = f"{'moved most, by CER':<{width}}{'A %':>7}{'B %':>8}{'B - A':>8}"
    rows = [
        f"{page.page:<{width}}{_percent(page.first):>7}{_percent(page.second):>8}"
        f"{_points(page.second - page.first):>8}"
        for page in moved
    ]
    return [head, *rows]


def label(score: str) -> str:
    """What a row of the table begins with."""
    rate, _, form = score.removeprefix("essay_").partition("_")
    if form in VARIANTS:
        return f"{rate.upper()} {form.replace('_', ' ')}"
    return f"{rate.upper()} {form or 'corrected'}"


def _chance(p: float) -> str:
    return f"{p:.4f}" if p >= 0.0001 else "<0.0001"


def _percent(rate: float) -> str:
    return f"{100 * rate:.2f}"


def _points(difference: float) -> str:
    points = round(100 * difference, 2)
    return f"{points:+.2f}" if points else "0.00"
