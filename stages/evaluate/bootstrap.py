"""How far a pooled error rate may be off: bootstrap intervals that resample pages, not lines.

A page is what is drawn at random from the world: lines of one page share writer, pen, scan and
segmentation, so that intervals over lines would be too narrow. Intervals are percentile intervals
(B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13), used for error
rates as in M. Bisani and H. Ney, "Bootstrap estimates for confidence intervals in ASR performance
evaluation", ICASSP 2004. With few pages they are too narrow: a dozen is little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from stages.evaluate.edits import DECIMALS, Errors

LEVEL = 0.95
RESAMPLES = 10_000
SEED = 1
# Below it the intervals are clearly too narrow.
FEW_PAGES = 12

Rates = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """The middle `LEVEL` of the resampled values, rounded."""

    low: float
    high: float


def interval(pages: Sequence[Errors]) -> Interval | None:
    """The interval of the rate pooled over `pages`; None for less than two.

    Pages are drawn with replacement, as many as there are, `RESAMPLES` times with a fixed seed;
    the same pages in the same order give the same interval.
    """
    if len(pages) < 2:
        return None
    rates = _rates(pages, _draws(len(pages)))
    return _middle(rates) if rates.size else None


def paired_interval(first: Sequence[Errors], second: Sequence[Errors]) -> Interval | None:
    """That of the second reading's rate less the first's, both over the same resamples.

    Args:
        first, second: errors of each page in the same order, against the same transcription.

    Returns:
        None for less than two pages.
    """
    if len(first) < 2:
        return None
    draws = _draws(len(first))
    differences = _rates(second, draws) - _rates(first, draws)
    return _middle(differences) if differences.size else None


@lru_cache(maxsize=1)  # every score of a run has the same
def _draws(pages: int) -> NDArray[np.int64]:
    """How often each page is in each resample, (RESAMPLES, pages), not to be written to."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(pages, np.full(pages, 1 / pages), RESAMPLES)


def _rates(pages: Sequence[Errors], draws: NDArray[np.int64]) -> Rates:
    """The pooled rate of each resample that has any reference text."""
    edits = draws @ np.array([page.edits for page in pages])
    lengths = draws @ np.array([page.length for page in pages])
    rates: Rates = edits[lengths > 0] / lengths[lengths > 0]
    return rates


def _middle(values: Rates) -> Interval:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(round(float(low), DECIMALS), round(float(high), DECIMALS))
