"""The essay's lines as shown: what was read of each, set against the transcription."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from stages.evaluate.differences import Piece, differences
from stages.evaluate.edits import character_errors
from stages.evaluate.lines import paired_lines
from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome, Reading
from stages.evaluate.unreadable import filled, readable
from stages.pages.records import CorrectedText, Edit, Hypothesis, Line


@dataclass(frozen=True)
class Shown:
    """A text in pieces of a comparison; `errors` counts its character errors, None without truth.

    With a truth the pieces compare the text with it, without one with the recogniser's text.
    """

    pieces: list[Piece]
    errors: int | None


@dataclass(frozen=True)
class HypothesisView:
    """An entry of the n-best; `score` is its length-normalised log-probability."""

    text: Shown
    score: float


@dataclass(frozen=True)
class LineView:
    """A line of the essay.

    Attributes:
        number: of a recognised line, from 1 in reading order; None for a transcribed one that no
            recognised line shows.
        line: where it stands; None without a number.
        truth: the transcription's line; None where it has none, or tells nothing of lines.
        raw, corrected: None without a number; `corrected` also where a corrector rewrote the essay
            as a whole.
        edits: those whose span begins in the line.
    """

    number: int | None
    line: Line | None
    truth: str | None
    raw: Shown | None
    corrected: Shown | None
    hypotheses: list[HypothesisView]
    edits: list[Edit]

    @property
    def final(self) -> Shown | None:
        """The line as far as it is known after correction."""
        return self.corrected or self.raw

    @property
    def outline(self) -> str:
        """The polygon as an SVG path; steps from point to point are shorter than the points."""
        points = self.line.polygon if self.line else []
        steps = (f"{x - i},{y - j}" for (i, j), (x, y) in pairwise([(0, 0), *points]))
        return f"m{' '.join(steps)}z"


def shown(truth: str | None, raw: str, text: str) -> Shown:
    """`text` compared with the truth or, without one, with the raw text; all normalised.

    What the truth marks as unreadable is the same in both.
    """
    if truth is None:
        return Shown(differences(raw, text), None)
    errors = character_errors(*readable(truth, text))
    return Shown(differences(filled(truth, text), text), errors.edits)


def line_views(outcome: Outcome) -> list[LineView]:
    """All lines of a page's essay, recognised and missed, in reading order.

    A rejected page has none.
    """
    if outcome.reading is None:
        return []
    essay = outcome.reading.corrected.essay
    read = [normalise(line) for line in essay.raw]
    truth = outcome.truth.essay if outcome.truth and outcome.truth.essay else []
    typed = [normalise(line) for line in truth]
    pairs = paired_lines(typed, read) if typed else None
    if pairs is None:
        return [_recognised(outcome.reading, index, None) for index in range(len(read))]
    return [
        _missed(typed[i or 0])
        if j is None
        else _recognised(outcome.reading, j, "" if i is None else typed[i])
        for i, j in pairs
    ]


def _missed(truth: str) -> LineView:
    return LineView(None, None, truth, None, None, [], [])


def _recognised(reading: Reading, index: int, truth: str | None) -> LineView:
    essay, line = reading.corrected.essay, reading.raw.lines[index]
    raw = normalise(essay.raw[index])
    by_line = len(essay.corrected) == len(essay.raw)
    hypotheses = next(r.hypotheses for r in reading.raw.readings if r.crop == line.crop)
    return LineView(
        number=index + 1,
        line=line,
        truth=truth,
        raw=shown(truth, raw, raw),
        corrected=shown(truth, raw, normalise(essay.corrected[index])) if by_line else None,
        hypotheses=_hypotheses(hypotheses, truth, raw),
        edits=edits_in(essay, index),
    )


def _hypotheses(
    hypotheses: Sequence[Hypothesis], truth: str | None, raw: str
) -> list[HypothesisView]:
    return [HypothesisView(shown(truth, raw, normalise(h.text)), h.score) for h in hypotheses]


def edits_in(text: CorrectedText, index: int) -> list[Edit]:
    """The edits of a raw line, those of whole-text correctors by where their span begins."""
    first = sum(len(line) + 1 for line in text.raw[:index])
    past = first + len(text.raw[index]) + 1
    return [
        edit
        for edit in text.edits
        if edit.line == index or (edit.line < 0 and first <= edit.start < past)
    ]
