"""The essay's error rates as the report's summary lists them, with their intervals drawn."""

from dataclasses import dataclass

from stages.evaluate.bootstrap import Interval
from stages.evaluate.pairs import judge
from stages.evaluate.scores import Scores

RATES = {
    "essay_cer_raw": "CER raw",
    "essay_cer": "CER corrected",
    "essay_wer_raw": "WER raw",
    "essay_wer": "WER corrected",
    "essay_cer_raw_unseen": "CER raw, pages not trained on",
    "essay_cer_unseen": "CER corrected, pages not trained on",
    "essay_wer_raw_unseen": "WER raw, pages not trained on",
    "essay_wer_unseen": "WER corrected, pages not trained on",
    "essay_cer_raw_oracle_segmentation": "CER raw, best segmentation",
    "essay_cer_raw_oracle": "CER raw, best segmentation and n-best",
}
CHANGES = {
    "essay_cer_change": "CER, corrected less raw",
    "essay_wer_change": "WER, corrected less raw",
}


@dataclass(frozen=True)
class RateView:
    """A rate with its 95 % interval, None where there is none.

    `start`, `length` and `dot` place interval and rate on a line of length 100 that begins at 0
    and ends at the largest number of the table.
    """

    name: str
    rate: float
    low: float | None
    high: float | None
    start: float
    length: float
    dot: float


@dataclass(frozen=True)
class ChangeView:
    """What correction does to a rate, below 0 where it helps.

    Attributes:
        low, high: the 95 % interval of the change.
        p: of the sign-flip test (`stages.evaluate.pairs`).
        chance: whether it may be chance.
    """

    name: str
    change: float
    low: float
    high: float
    p: float
    chance: bool


def essay_rates(scores: Scores) -> list[RateView]:
    """The rates that details.json has of the essay; none without a transcription."""
    known = {name: value for name in RATES if (value := _number(scores, name)) is not None}
    highs = [_number(scores, f"{name}_high") or 0.0 for name in known]
    largest = max([*known.values(), *highs], default=0.0) or 1.0
    views = []
    for name, rate in known.items():
        low, high = _number(scores, f"{name}_low"), _number(scores, f"{name}_high")
        start, end = (rate if edge is None else edge for edge in (low, high))
        place = [round(100 * part / largest, 1) for part in (start, end - start, rate)]
        views.append(RateView(RATES[name], rate, low, high, *place))
    return views


def essay_changes(scores: Scores) -> list[ChangeView]:
    """The changes that details.json has; none with less than two transcribed pages."""
    views = []
    for name, title in CHANGES.items():
        found = [_number(scores, f"{name}{end}") for end in ("", "_low", "_high", "_p")]
        known = [value for value in found if value is not None]
        if len(known) == len(found):
            change, low, high, p = known
            chance = judge(Interval(low, high), p) == "cannot tell"
            views.append(ChangeView(title, change, low, high, p, chance))
    return views


def _number(scores: Scores, name: str) -> float | None:
    value = scores.get(name)
    return float(value) if isinstance(value, int | float) else None
