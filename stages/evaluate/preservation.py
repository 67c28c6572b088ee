"""What became of a learner's misspellings: kept as written, "corrected", or lost.

The dataset is to hold the candidate's words; an error rate hardly shows a recogniser or a
corrector that mends them, since most words are spelt right.

A *non-word* is a word of the transcription that is not in the dictionary (`stages.lexicon`). Words
of letters and inner apostrophes count, from three letters on; a possessive "'s" is set aside. Words
with capitals are left out (names, abbreviations) except where only the first letter is one and a
sentence begins. A misspelling that is another word ("there" for "their") is not seen, and a name
that opens a sentence counts.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from stages.evaluate.alignment import align
from stages.evaluate.edits import DECIMALS
from stages.lexicon import ends_sentence, is_known

MIN_LENGTH = 3
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True)
class Fates:
    """How many non-words were kept, corrected and lost."""

    kept: int = 0
    corrected: int = 0
    lost: int = 0

    def __add__(self, other: "Fates") -> "Fates":
        return Fates(
            self.kept + other.kept, self.corrected + other.corrected, self.lost + other.lost
        )

    @property
    def count(self) -> int:
        return self.kept + self.corrected + self.lost

    def shares(self) -> dict[str, float | None]:
        """The share of each fate, in [0, 1], the three summing to 1; None without non-words."""
        counts = {"kept": self.kept, "corrected": self.corrected, "lost": self.lost}
        return {
            fate: round(count / self.count, DECIMALS) if self.count else None
            for fate, count in counts.items()
        }


def nonwords(text: str) -> list[int]:
    """Which of the words of a normalised text, divided at spaces, are non-words: their indices."""
    found = []
    opens_sentence = True
    for index, token in enumerate(text.split()):
        word = _core(token)
        uncapitalised = word.islower() or (opens_sentence and word[1:].islower())
        counts = uncapitalised and len(word) >= MIN_LENGTH and WORD.fullmatch(word)
        if counts and not is_known(word.lower()):
            found.append(index)
        opens_sentence = ends_sentence(token)
    return found


def preservation(truth: str, reading: str, cut: Collection[int] = ()) -> Fates:
    """What became of the non-words of `truth` in `reading`, both normalised.

    Args:
        cut: which words of `truth` are parts of words, the rest of which nobody can read: indices.

    The words of both are aligned by fewest character edits, without case and the punctuation round
    them. A non-word is *kept* if its partner is spelt the same, *corrected* if that is a word of
    the dictionary at an edit distance of at most half the non-word's length, and else *lost*.
    """
    written, read = _words(truth), _words(reading)
    partner = {i: read[j] for i, j in align(written, read) if i is not None and j is not None}
    whole = [i for i in nonwords(truth) if i not in cut]
    return Fates(**Counter(_fate(written[i], partner.get(i, "")) for i in whole))


def _fate(nonword: str, word: str) -> str:
    if word == nonword:
        return "kept"
    near = 2 * Levenshtein.distance(nonword, word) <= len(nonword)
    return "corrected" if near and is_known(word) else "lost"


def _words(text: str) -> list[str]:
    return [_core(token).lower() for token in text.split()]


def _core(token: str) -> str:
    """A word without the punctuation round it."""
    return EDGES.sub("", token)
