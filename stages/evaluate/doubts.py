"""What a person should look at before they believe a page or its scores, in a few words each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from stages.pages.records import Line, LineFlag
from stages.pages.stored import TRANSCRIPTIONS

GUESSED = ("topic", "band", "comment")
UNLIKE = 0.6  # the samples' essays, each set against the others: 0.72 to 0.92
FLAGGED: Mapping[LineFlag, tuple[str, str]] = {
    "too_short": ("is much lower than the others", "are much lower than the others"),
    "too_tall": ("is much taller than the others", "are much taller than the others"),
    "touching": ("touches a neighbour", "touch a neighbour"),
}


def in_short(fallback: str) -> str:
    """One of a layout's `fallbacks` in few words, such as `band not found`."""
    subject, _, told = fallback.partition(":")
    if subject == "scan":
        return told.partition(";")[0].strip()
    return f"{subject} not read" if "could not be read" in told else f"{subject} not found"


def guesses(fallbacks: Iterable[str]) -> list[str]:
    """Those for which a field was left empty, or taken from where it mostly stands."""
    return [in_short(told) for told in fallbacks if told.partition(":")[0] in GUESSED]


def flagged(lines: Sequence[Line]) -> list[str]:
    """How many of a page's lines have each flag, such as `8 lines touch a neighbour`."""
    kinds = Counter(flag for line in lines for flag in line.flags)
    return [
        f"1 line {one}" if kinds[kind] == 1 else f"{kinds[kind]} lines {many}"
        for kind, (one, many) in FLAGGED.items()
        if kinds[kind]
    ]


def counted(found: int | str | None, typed: int | str | None) -> str:
    """How many lines a page's essay has for the segmentation and for its transcriber."""
    return f"{found} {'line' if found in (1, '1') else 'lines'} found, {typed} typed"


def unlike(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The transcriptions that may be of another page, one line for each.

    Args:
        rows: of pages.csv.
    """
    rates = {row["page"]: float(row["essay_cer_raw"] or 0) for row in rows if _done(row)}
    return [
        f"{TRANSCRIPTIONS / page}.yaml: hardly anything agrees with what was read"
        f" (CER {100 * rate:.0f} %); is it of another page?"
        for page, rate in rates.items()
        if rate > UNLIKE
    ]


def miscounted(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The pages of which not as many lines were found as are typed, the worst first.

    Args:
        rows: of pages.csv.
    """
    off = {row["page"]: row for row in rows if _done(row) and _off(row)}
    return [
        f"{page}: {counted(row['essay_lines'], row['essay_lines_transcribed'])}"
        for page, row in sorted(off.items(), key=lambda item: (-_off(item[1]), item[0]))
    ]


def _done(row: Mapping[str, str]) -> bool:
    return row["status"] == "done"


def _off(row: Mapping[str, str]) -> int:
    return int(row["essay_line_count_error"] or 0)
