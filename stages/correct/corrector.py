"""The protocol of correctors, and a chain of them that traces every edit to the raw text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stages.pages.records import CorrectedText, Edit, Hypothesis


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


@dataclass(frozen=True)
class _Traced:
    """A line of text with, for each of its len(text) + 1 boundaries, the raw offset it had."""

    text: str
    origin: list[int]

    def replace(self, start: int, end: int, after: str) -> "_Traced":
        inner = [self.origin[start]] * max(0, len(after) - 1)
        kept = [] if not after else [self.origin[start]]
        return _Traced(
            self.text[:start] + after + self.text[end:],
            self.origin[:start] + kept + inner + self.origin[end:],
        )


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

    Edits name spans of the raw lines; once a corrector of whole texts has run, all is one line
    and spans count in the raw lines joined with single spaces, as line -1.
    """
    raw = [line.text for line in given]
    evidence = [line.hypotheses for line in given]
    lines = [_Traced(text, list(range(len(text) + 1))) for text in raw]
    edits: list[Edit] = []
    joined = False
    for corrector in chain:
        if corrector.whole_text and not joined:
            lines, evidence, joined = [_join(lines, raw)], [()], True
        current = [
            TextLine(line.text, hypotheses)
            for line, hypotheses in zip(lines, evidence, strict=True)
        ]
        replacements = corrector(current)
        if guard and corrector.guarded:
            replacements = guard.allowed(replacements, current)
        for found in reversed(replacements):
            line = lines[found.line]
            edit = Edit(
                line=-1 if joined else found.line,
                start=line.origin[found.start],
                end=line.origin[found.end],
                before=line.text[found.start : found.end],
                after=found.after,
                corrector=corrector.name,
                reason=found.reason,
                score=found.score,
            )
            edits.append(edit)
            lines[found.line] = line.replace(found.start, found.end, found.after)
    edits.sort(key=lambda edit: (edit.line, edit.start, edit.end))
    return CorrectedText(raw=raw, corrected=[line.text for line in lines], edits=edits)


def _join(lines: Sequence[_Traced], raw: Sequence[str]) -> _Traced:
    text = " ".join(line.text for line in lines)
    origin: list[int] = []
    offset = 0
    for line, raw_line in zip(lines, raw, strict=True):
        origin += [offset + position for position in line.origin]
        offset += len(raw_line) + 1
    return _Traced(text, origin or [0])
