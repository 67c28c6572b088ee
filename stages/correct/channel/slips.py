"""How learners misspell: which of the edits between a word and what was written are theirs.

Doubled and undoubled letters, letters left out or added by sound, vowels and like-sounding
consonants for one another, neighbours swapped: the commonest in the learner corpora that Brill and
Moore (2000) and Flor et al. (2019) describe. The first letter is nearly always right.
"""

from functools import lru_cache

from rapidfuzz.distance import Levenshtein

VOWELS = frozenset("aeiouy")
ALIKE = frozenset(map(frozenset, ("sc", "ck", "sz", "bp", "dt", "gj", "vw", "lr", "fv", "mn")))


@lru_cache(maxsize=50_000)
def slips(word: str, written: str) -> tuple[int, int]:
    """How many edits turn `word` into `written`: those a learner makes, and others."""
    if _swapped(word, written):
        return 1, 0
    edits = Levenshtein.editops(word, written)
    learners = sum(_is_learners(word, written, *edit) for edit in edits.as_list())
    return learners, len(edits) - learners


def _swapped(word: str, written: str) -> bool:
    if len(word) != len(written):
        return False
    apart = [k for k, pair in enumerate(zip(word, written, strict=True)) if pair[0] != pair[1]]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] == written[apart[1]]
        and word[apart[1]] == written[apart[0]]
    )


def _is_learners(word: str, written: str, edit: str, source: int, target: int) -> bool:
    if edit == "delete":
        return source > 0
    added = written[target]
    if target == 0:
        return False
    if edit == "insert":
        return added == "e" or added in (written[target - 1], written[target + 1 : target + 2])
    there = word[source]
    return (there in VOWELS and added in VOWELS) or frozenset((there, added)) in ALIKE
