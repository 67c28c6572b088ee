"""The protocol of correctors, and a chain of them that traces every edit to the raw text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stages.correct.traced import Mark, Traced, joined
from stages.pages.records import CorrectedText, Hypothesis


@dataclass(frozen=True)
class Replacement:
    """`after` for the characters [start, end) of line `line` of the text a corrector was given.

    `score` is how sure the corrector is, on a scale of its own; None where it cannot say.
    """

    line: int
    start: int
    end: int
    after: str
    reason: str
    score: float | None = None


@dataclass(frozen=True)
class TextLine:
    """A line as it stands, with the recogniser's n-best readings of it, best first.

    Print, and lines that were joined, have none.
    """

    text: str
    hypotheses: Sequence[Hypothesis] = ()


class Corrector(Protocol):
    """One way to mend a text.

    `name` stands in the edits. A corrector with `whole_text` is given the lines joined with single
    spaces, as one line. One that is not `guarded` may touch anything: it weighs the recogniser's
    evidence itself, or is a baseline. The others obey `stages.correct.guard`.
    """

    name: str
    whole_text: bool
    guarded: bool

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """Replacements that do not overlap, in the order of the text."""
        ...


class Allows(Protocol):
    """What may be done to a text, as `stages.correct.guard.Guard` says."""

    def allowed(
        self, replacements: Sequence[Replacement], lines: Sequence[TextLine]
    ) -> list[Replacement]: ...


def correct_text(
    given: Sequence[TextLine], chain: Sequence[Corrector], guard: Allows | None = None
) -> CorrectedText:
    """The lines after every corrector of the chain in turn, with all edits.

    Without a guard, every replacement is made.

    Edits name spans of the raw lines that do not overlap: with the raw lines alone they give the
    corrected ones. Where a corrector of whole texts has run, all is one line and spans count in the
    raw lines joined with single spaces, as line -1.
    """
    raw = [line.text for line in given]
    evidence = [line.hypotheses for line in given]
    lines = [Traced(text) for text in raw]
    whole = False
    for corrector in chain:
        if corrector.whole_text and not whole:
            lines, evidence, whole = [joined(lines)], [()], True
        current = [
            TextLine(line.text, hypotheses)
            for line, hypotheses in zip(lines, evidence, strict=True)
        ]
        replacements = corrector(current)
        if guard and corrector.guarded:
            replacements = guard.allowed(replacements, current)
        for found in reversed(replacements):
            mark = Mark(corrector.name, found.reason, found.score)
            line = lines[found.line]
            lines[found.line] = line.replace(found.start, found.end, found.after, mark)
    edits = [
        edit for number, line in enumerate(lines) for edit in line.edits(-1 if whole else number)
    ]
    return CorrectedText(raw=raw, corrected=[line.text for line in lines], edits=edits)
