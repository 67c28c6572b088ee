"""Edits that turn a transcription (reference) into a reading (hypothesis), and error rates.

An error rate is (S + D + I) / N: substitutions, deletions and insertions of a cheapest alignment
(V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals",
1966) over the reference's length N. It is 0 for a perfect reading and can exceed 1. Several
alignments can be equally cheap: S + D + I is the same in all, and so is I - D; S, D and I apart are
those of the alignment that RapidFuzz finds, as in jiwer.

Texts are taken as they come: normalise them first.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import regex
from rapidfuzz.distance import Levenshtein

DECIMALS = 6
GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True)
class Errors:
    """Counts of one alignment or the sum of several; `length` is the reference's."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    length: int = 0

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.length + other.length,
        )

    @property
    def edits(self) -> int:
        """S + D + I."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """(S + D + I) / N, in [0, inf), rounded; None without a reference."""
        return self._share(self.edits)

    def parts(self) -> dict[str, float | None]:
        """S / N, D / N and I / N by name: they sum to the rate."""
        return {
            "substitutions": self._share(self.substitutions),
            "deletions": self._share(self.deletions),
            "insertions": self._share(self.insertions),
        }

    def _share(self, count: int) -> float | None:
        return round(count / self.length, DECIMALS) if self.length else None


def graphemes(text: str) -> list[str]:
    """Extended grapheme clusters, what a reader takes for one character (Unicode UAX #29)."""
    if text.isascii() and "\r" not in text:  # of ASCII, "\r\n" alone is a cluster of two
        return list(text)
    found: list[str] = GRAPHEME.findall(text)
    return found


def sequence_errors(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> Errors:
    """Errors in whatever symbols the two sequences hold."""
    edits = Counter(edit.tag for edit in Levenshtein.editops(reference, hypothesis))
    return Errors(edits["replace"], edits["delete"], edits["insert"], len(reference))


def character_errors(reference: str, hypothesis: str) -> Errors:
    """Errors in grapheme clusters, spaces included: the rate is the CER."""
    return sequence_errors(graphemes(reference), graphemes(hypothesis))


def word_errors(reference: str, hypothesis: str) -> Errors:
    """Errors in words, divided at white space: the rate is the WER."""
    return sequence_errors(reference.split(), hypothesis.split())


def bag_of_words_errors(reference: str, hypothesis: str) -> Errors:
    """Errors in words whatever their order: the rate is the bag-of-words WER, at most the WER.

    With c words common to both bags, bWER = (max(|reference|, |hypothesis|) - c) / |reference|,
    which is the form (||x| - |y|| + sum over v of |f_x(v) - f_y(v)|) / 2|x| of E. Vidal et al.,
    "End-to-end page-level assessment of handwritten text recognition", Pattern Recognition 142
    (2023). What WER has above it comes from the order of lines and words.
    """
    expected, found = Counter(reference.split()), Counter(hypothesis.split())
    common = (expected & found).total()
    missed, surplus = expected.total() - common, found.total() - common
    substituted = min(missed, surplus)
    return Errors(substituted, missed - substituted, surplus - substituted, expected.total())
