"""How often chance alone would change pages as much: the exact paired sign-flip test.

Were two readings equally good, each page's difference would be as likely with the other sign
(R. A. Fisher, "The design of experiments", 1935, section 21). The sums of all 2^n choices of signs
are counted page by page, not listed (M. Pagano and D. Tritchler, "On obtaining permutation
distributions in polynomial time", Journal of the American Statistical Association 78, 1983), so
that no number of pages asks for sampling.
"""

from collections.abc import Sequence

import numpy as np


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
