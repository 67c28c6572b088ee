"""How well found lines match labelled ones, as the ICDAR 2013 contest counted it.

N. Stamatopoulos et al., "ICDAR 2013 handwriting segmentation contest", section III.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Matches:
    """One-to-one matches, labelled lines, found lines; several pages add up."""

    matched: int = 0
    labelled: int = 0
    found: int = 0

    def __add__(self, other: "Matches") -> "Matches":
        return Matches(
            self.matched + other.matched, self.labelled + other.labelled, self.found + other.found
        )

    @property
    def detection_rate(self) -> float:
        """DR: the share of labelled lines that are matched."""
        return self.matched / max(1, self.labelled)

    @property
    def recognition_accuracy(self) -> float:
        """RA: the share of found lines that are matched."""
        return self.matched / max(1, self.found)

    @property
    def f_measure(self) -> float:
        """FM: the harmonic mean of DR and RA."""
        return 2 * self.matched / max(1, self.labelled + self.found)


def match(labels: Labels, found: Labels, score: float) -> Matches:
    """Matches between two label maps (H, W), 0 for none, on the pixels that are labelled.

    A pair matches if its common pixels are at least `score` (above 0.5) of the pixels of both
    together (the contest's MatchScore).
    """
    written = labels > 0
    one, other = labels[written].astype(np.int64), found[written].astype(np.int64)
    rows, columns = int(one.max(initial=0)) + 1, int(other.max(initial=0)) + 1
    common = np.bincount(one * columns + other, minlength=rows * columns).reshape(rows, columns)
    size, found_size = common.sum(axis=1), common.sum(axis=0)
    union = size[1:, None] + found_size[None, 1:] - common[1:, 1:]
    matched = int((common[1:, 1:] >= score * np.maximum(union, 1)).sum())
    return Matches(matched, int((size[1:] > 0).sum()), int((found_size[1:] > 0).sum()))
