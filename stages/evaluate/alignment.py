"""Which texts of two sequences belong together: the pairing with fewest edits."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

Pairing = list[tuple[int | None, int | None]]
Costs = NDArray[np.int64]


def align(first: Sequence[Sequence[Hashable]], second: Sequence[Sequence[Hashable]]) -> Pairing:
    """The order-keeping pairing of two lists of texts with fewest edits in all.

    A pair costs the edit distance of its texts, a text without partner its length; among equals a
    pair goes before a gap (S. Needleman and C. Wunsch, "A general method applicable to the search
    for similarities", 1970). Time grows with the product of the two texts' whole lengths.

    Args:
        first, second: each text as a sequence of the symbols in which edits are counted.

    Returns:
        (index in `first`, index in `second`) in order; every text stands in exactly one of them,
        None for a partner that is not there.
    """
    edits = [[Levenshtein.distance(one, other) for other in second] for one in first]
    pair = np.array(edits, np.int64).reshape(len(first), len(second))
    missing = np.array([len(text) for text in first], np.int64)
    added = np.array([len(text) for text in second], np.int64)
    least = np.zeros((len(first) + 1, len(second) + 1), np.int64)
    least[1:, 0], least[0, 1:] = np.cumsum(missing), np.cumsum(added)
    for i in range(len(first)):
        least[i + 1, 1:] = np.minimum(least[i, :-1] + pair[i], least[i, 1:] + missing[i])
        least[i + 1] = np.minimum.accumulate(least[i + 1] - least[0]) + least[0]
    return _trace(least, pair, missing)


def _trace(least: Costs, pair: Costs, missing: Costs) -> Pairing:
    pairing: Pairing = []
    i, j = pair.shape
    while i or j:
        if i and j and least[i, j] == least[i - 1, j - 1] + pair[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairing.append((i, j))
        elif i and least[i, j] == least[i - 1, j] + missing[i - 1]:
            i -= 1
            pairing.append((i, None))
        else:
            j -= 1
            pairing.append((None, j))
    return pairing[::-1]
