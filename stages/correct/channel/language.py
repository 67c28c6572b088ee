"""English: how likely a word is after another, and which words are spelt much like it.

Unigrams are wordfreq's (Speer 2022), bigrams those that symspellpy ships (from Google Books
Ngram), interpolated as by Jelinek and Mercer (1980). Known are the words of symspellpy's
dictionary, which hardly has a misspelling in it, and wordfreq's most frequent ones, for names.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA
from symspellpy import SymSpell, Verbosity
from symspellpy.abstract_distance_comparer import AbstractDistanceComparer
from symspellpy.editdistance import DistanceAlgorithm, EditDistance
from wordfreq import get_frequency_dict, top_n_list, word_frequency

from stages.lexicon import DICTIONARY

BIGRAMS = "frequency_bigramdictionary_en_243_342.txt"
RAREST = 1e-9
# What is rarer is known, but nothing is taken for it.
RARE = math.log(1e-7)
BIGRAM_WEIGHT = 0.75
# The bigrams were counted in a corpus some 45 times as large as the unigrams beside them.
SCALE = 45
REMEMBERED = 50_000  # lookups, of some thirty pages: 45 MB
LETTERS_THAT_ARE_WORDS = frozenset("ai")


class StringAlignment(AbstractDistanceComparer):  # type: ignore[misc]
    """symspellpy's own distance, optimal string alignment, by rapidfuzz: twice as fast."""

    def distance(self, string_1: str, string_2: str, max_distance: int) -> int:
        """The edit distance, -1 if it is larger than `max_distance`."""
        found: int = OSA.distance(string_1, string_2, score_cutoff=max_distance)
        return found if found <= max_distance else -1


class LanguageModel:
    """Log-probabilities of lower-case words.

    Args:
        frequent: how many of wordfreq's most frequent English words are known.
    """

    def __init__(self, frequent: int) -> None:
        self._counts = {word: SCALE * int(count) for word, count in _rows(DICTIONARY)}
        words = self._counts.keys() | set(top_n_list("en", frequent))
        self._pairs = {(first, second): int(count) for first, second, count in _rows(BIGRAMS)}
        pairs_of: Counter[str] = Counter()
        for (first, _), count in self._pairs.items():
            pairs_of[first] += count
        for word, count in pairs_of.items():
            self._counts[word] = max(count, self._counts.get(word, 0))
        self._logprobs = {
            word: math.log(max(RAREST, frequency))
            for word, frequency in _frequencies(words)
            if len(word) > 1 or word in LETTERS_THAT_ARE_WORDS
        }
        compare = EditDistance(DistanceAlgorithm.USER_PROVIDED, StringAlignment())
        self._index = SymSpell(max_dictionary_edit_distance=1, distance_comparer=compare)
        for word, logprob in self._logprobs.items():
            if logprob > RARE:
                self._index.create_dictionary_entry(word, 1)
        self.near = lru_cache(maxsize=REMEMBERED)(self._near)

    @property
    def words(self) -> Iterable[str]:
        """All known words."""
        return self._logprobs.keys()

    def __contains__(self, word: str) -> bool:
        return word in self._logprobs

    def logprob(self, word: str, previous: str | None = None) -> float:
        """The log-probability of a known word, after the word `previous` where that is given."""
        alone = self._logprobs[word]
        seen = self._counts.get(previous) if previous else None
        if not seen:
            return alone
        together = self._pairs.get((str(previous), word), 0) / seen
        return math.log(BIGRAM_WEIGHT * together + (1 - BIGRAM_WEIGHT) * math.exp(alone))

    def _near(self, word: str) -> tuple[str, ...]:
        """The known words, but for rare ones, at edit distance 1 at most, most frequent first."""
        found = self._index.lookup(word, Verbosity.ALL, max_edit_distance=1)
        return tuple(sorted((str(item.term) for item in found), key=lambda w: -self._logprobs[w]))


@lru_cache(maxsize=1)
def language_model(frequent: int) -> LanguageModel:
    """The model, made once in a process: that takes a second."""
    return LanguageModel(frequent)


def _frequencies(words: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Each word with its frequency, in alphabetical order; looked up at once where the word is
    one token, as wordfreq takes words apart."""
    known = get_frequency_dict("en")
    for word in sorted(words):
        yield word, known.get(word, 0.0) if word.isalpha() else word_frequency(word, "en")


def _rows(name: str) -> list[list[str]]:
    path = files("symspellpy") / name
    return [line.split() for line in path.read_text(encoding="utf-8-sig").splitlines()]
