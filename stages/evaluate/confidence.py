"""How sure the recogniser was, as a number in [0, 1]."""

from math import exp


def confidence(score: float) -> float:
    """The geometric mean of the probabilities that the recogniser gave the tokens it read.

    1 is certainty. It ranks readings; how often a reading of some confidence is right, only
    transcriptions can tell.

    Args:
        score: the mean log-probability a token, at most 0 (`records.Hypothesis.score`).
    """
    return round(exp(score), 3)
