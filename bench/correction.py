"""What `bench.correctors` measured, and how it is shown."""

from stages.pages.records import Record


class Rates(Record):
    """Error rates of a set of pages before and after; `worse` counts pages whose CER rose."""

    cer_raw: float
    cer: float
    wer_raw: float
    wer: float
    pages: int
    worse: int


class Row(Record):
    """What one corrector did; `kept` is a share, seconds are for a thousand lines."""

    perfect_edits: int
    perfect_cer: float
    rates: dict[str, Rates]
    kept: float
    seconds: float


class Table(Record):
    """All rows by the corrector's name; one that could not be built has none."""

    rows: dict[str, Row]


def table(found: Table) -> str:
    """A row for each corrector; a set's cell has CER, WER and in brackets the pages made worse."""
    sets = list(next(iter(found.rows.values())).rates)
    head = ["corrector", "perfect: edits, CER", *sets, "misspellings kept", "s for 1,000 lines"]
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    for name, row in found.rows.items():
        rates = [
            f"{_percent(rate.cer)}, {_percent(rate.wer)} ({rate.worse})"
            for rate in row.rates.values()
        ]
        perfect = f"{row.perfect_edits}, {_percent(row.perfect_cer, 2)}"
        cells = [name, perfect, *rates, _percent(row.kept), f"{row.seconds:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _percent(rate: float, places: int = 1) -> str:
    return f"{100 * rate:.{places}f} %"
