"""How each recognised line was read, and how sure the recogniser was of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from stages.evaluate.confidence import confidence
from stages.evaluate.lines import pair_errors
from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome, Reading


@dataclass(frozen=True)
class LineScore:
    """A recognised line, counted from 1 as on the overlays.

    `cer_raw` is over the `characters` of the transcribed line that it shows, both None for a line
    that shows none.
    """

    line: int
    confidence: float
    cer_raw: float | None
    characters: int | None


def line_scores(outcome: Outcome) -> list[LineScore]:
    """The lines of a page that is transcribed line for line, aligned as in `evaluate.lines`."""
    if outcome.reading is None or outcome.truth is None or not outcome.truth.essay:
        return []
    return _line_scores(outcome.reading, outcome.truth.essay)


def _line_scores(reading: Reading, essay: Sequence[str]) -> list[LineScore]:
    best = {read.crop: read.hypotheses[0] for read in reading.raw.readings}
    lines = [best[line.crop] for line in reading.raw.lines]
    transcribed = [normalise(line) for line in essay]
    paired = pair_errors(transcribed, [normalise(line.text) for line in lines])
    return [
        LineScore(index + 1, confidence(lines[index].score), errors.rate, errors.length or None)
        for index, errors in paired or []
        if index is not None
    ]
