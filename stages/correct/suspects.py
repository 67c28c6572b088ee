"""Lines whose text cannot be what stands there: repeats, and words read out of empty crops.

A recogniser that sees nothing legible may loop or invent. The limits are twice and a quarter of
what 170 lines of real and rendered handwriting showed: at most 2.6 characters on a length equal to
the line's height, at least 0.075 squares of that height of ink a character.
"""

import re
from collections.abc import Mapping, Sequence

from stages.correct.corrector import Replacement, TextLine
from stages.pages.records import Line, Suspect

REPEATS = re.compile(r"(.{1,20}?)\1{3,}")
REPEATED_SHARE = 0.6
MIN_REPEATED = 8
MAX_DENSITY = 5.0
MIN_INK = 0.02


def suspects(texts: Sequence[str], lines: Sequence[Line]) -> list[Suspect]:
    """The lines not to be believed, by their number from 0, each with the reason."""
    found = [
        (number, _fault(text, line))
        for number, (text, line) in enumerate(zip(texts, lines, strict=True))
    ]
    return [Suspect(line=number, reason=reason) for number, reason in found if reason]


def _fault(text: str, line: Line) -> str | None:
    for repeat in REPEATS.finditer(text):
        length = len(repeat.group())
        if length >= MIN_REPEATED and length >= REPEATED_SHARE * len(text):
            return f"repeats {repeat.group(1)!r} {length // len(repeat.group(1))} times"
    if not text or not line.height:
        return None
    density = len(text) * line.height / line.box.width
    if density > MAX_DENSITY:
        return f"{len(text)} characters on {line.box.width} pixels, letters {line.height:.0f} high"
    if line.ink / len(text) < MIN_INK * line.height**2:
        return f"{len(text)} characters out of {line.ink} pixels of ink"
    return None


class DropSuspects:
    """A corrector that empties the suspect lines.

    Args:
        reasons: why, by the number of the line.
    """

    name = "suspects"
    whole_text = False
    guarded = False

    def __init__(self, reasons: Mapping[int, str]) -> None:
        self._reasons = reasons

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        """One replacement a suspect line: all of it by nothing."""
        return [
            Replacement(number, 0, len(lines[number].text), "", reason)
            for number, reason in sorted(self._reasons.items())
        ]
