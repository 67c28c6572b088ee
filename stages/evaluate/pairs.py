"""Two readings of the same pages, compared page by page.

Whether they are told apart takes a paired bootstrap and a test. Were two readings equally good,
each page's difference would be as likely with the other sign (R. A. Fisher, "The design of
experiments", 1935, section 21). The sums of all 2^n choices of signs are counted page by page, not
listed (M. Pagano and D. Tritchler, "On obtaining permutation distributions in polynomial time",
Journal of the American Statistical Association 78, 1983), so that no number of pages asks for
sampling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stages.evaluate.bootstrap import Interval, paired_interval
from stages.evaluate.edits import DECIMALS, Errors

Verdict = Literal["better", "worse", "cannot tell"]

LEVEL = 0.05
# With fewer, even a change for the better on every one can be chance at this level: the two-sided
# test over n changed pages gives no p below 2 / 2^n, which is 0.0625 for five.
MIN_CHANGED = 6


@dataclass(frozen=True)
class Difference:
    """The second reading's pooled rate less the first's, below 0 where the second is better.

    Attributes:
        interval: by a paired bootstrap; None for less than two pages.
        changed: on how many pages the errors are more or fewer.
        p: of `sign_flip`.
    """

    value: float
    interval: Interval | None
    changed: int
    p: float

    @property
    def verdict(self) -> Verdict:
        """On the second reading: see `judge`."""
        return judge(self.interval, self.p)


def paired_difference(first: Sequence[Errors], second: Sequence[Errors]) -> Difference | None:
    """How the second reading differs from the first; None if no page has any text.

    Args:
        first, second: errors of each page in the same order, against the same transcription.

    Raises:
        ValueError: the pages or the lengths of their transcriptions are not the same.
    """
    if [page.length for page in first] != [page.length for page in second]:
        raise ValueError("readings of different pages cannot be compared")
    total = sum(page.length for page in first)
    if not total:
        return None
    edits = [after.edits - before.edits for before, after in zip(first, second, strict=True)]
    return Difference(
        value=round(sum(edits) / total, DECIMALS),
        interval=paired_interval(first, second),
        changed=sum(map(bool, edits)),
        p=sign_flip(edits),
    )


def judge(interval: Interval | None, p: float) -> Verdict:
    """`better` or `worse` where the interval excludes 0 and p is at most `LEVEL`."""
    if interval is None or p > LEVEL:
        return "cannot tell"
    if interval.high < 0:
        return "better"
    return "worse" if interval.low > 0 else "cannot tell"


def sign_flip(differences: Sequence[int]) -> float:
    """The two-sided p of the differences' sum, in (0, 1].

    Args:
        differences: edits on each page in one reading less those in the other. What does not
            differ says nothing: it changes no p.
    """
    steps = [abs(difference) for difference in differences if difference]
    shares = np.zeros(sum(steps) + 1)  # of the choices in which so many edits have a plus
    shares[0] = 1
    for step in steps:
        shares[step:] = (shares[step:] + shares[:-step]) / 2
        shares[:step] /= 2
    sums = 2 * np.arange(len(shares)) - sum(steps)
    return min(float(shares[abs(sums) >= abs(sum(differences))].sum()), 1.0)
