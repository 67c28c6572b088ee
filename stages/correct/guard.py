"""What no corrector may touch that sees only text: the rules that all such share.

Text alone cannot tell a learner's word from a misread one. A token is therefore protected if it
holds a digit, if it has a capital inside a sentence (names), if it is in the dictionary, if it is
half of a word that a line's end divides, or if the recogniser was sure of each of its characters.
So is the space between two tokens: a word that was
not read is not added.
"""

import math
import re
from collections.abc import Collection, Sequence

from stages.config.correct_settings import GuardSettings
from stages.correct.corrector import Replacement, TextLine
from stages.correct.evidence import Evidence
from stages.hyphens import halves
from stages.lexicon import ends_sentence, is_known

EDGES = re.compile(r"^\W+|\W+$")


class LeavesHalves:
    """Refuses replacements of the halves of divided words alone."""

    def allowed(
        self, replacements: Sequence[Replacement], lines: Sequence[TextLine]
    ) -> list[Replacement]:
        """Those of the replacements of `lines` that touch no half."""
        divided = halves([line.text for line in lines])
        return [
            each
            for each in replacements
            if not any((each.line, start) in divided for start, _ in _touched(each, lines))
        ]


class Guard:
    """Refuses replacements of what is protected."""

    def __init__(self, settings: GuardSettings) -> None:
        self._sure = math.log(settings.sure)

    def allowed(
        self, replacements: Sequence[Replacement], lines: Sequence[TextLine]
    ) -> list[Replacement]:
        """Those of the replacements of `lines` that may be made."""
        divided = halves([line.text for line in lines])
        return [each for each in replacements if self._is_open(each, lines, divided)]

    def _is_open(
        self,
        replacement: Replacement,
        lines: Sequence[TextLine],
        divided: Collection[tuple[int, int]],
    ) -> bool:
        number = replacement.line
        line = lines[number]
        touched = _touched(replacement, lines)
        above = [other.text for other in lines[:number] if other.text.strip()]
        before = above[-1] if above else "."
        return bool(touched) and not any(
            (number, start) in divided or self._protected(line, start, end, before)
            for start, end in touched
        )

    def _protected(self, line: TextLine, start: int, end: int, line_before: str) -> bool:
        word = EDGES.sub("", line.text[start:end])
        if any(character.isdigit() for character in word):
            return True
        before = line.text[:start] if line.text[:start].strip() else line_before
        if not word.islower() and not (ends_sentence(before) and word[1:].islower()):
            return True
        if is_known(word.lower().replace("’", "'")):
            return True
        evidence = Evidence(line.text, line.hypotheses)
        return bool(line.hypotheses) and evidence.least_logprob(start, end) >= self._sure


def _touched(replacement: Replacement, lines: Sequence[TextLine]) -> list[tuple[int, int]]:
    """The tokens, [start, end), that a replacement changes part of."""
    return [
        match.span()
        for match in re.finditer(r"\S+", lines[replacement.line].text)
        if match.start() < replacement.end and replacement.start < match.end()
    ]
