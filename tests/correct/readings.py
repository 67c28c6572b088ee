"""Lines as a recogniser leaves them, made by hand."""

import math
from collections.abc import Mapping

from stages.correct.corrector import TextLine
from stages.pages.records import Alternative, Hypothesis, Token

Others = Mapping[int, Mapping[str, float]]


def read_line(text: str, others: Others | None = None, *more: str, sure: float = 0.999) -> TextLine:
    """A line read character by character.

    Args:
        others: by position, what else could stand there, each with its probability; the position
            after the last is the end. What is left of 1 is the character's own.
        more: the texts of further hypotheses.
        sure: the probability of characters without others.
    """
    others = others or {}
    tokens = []
    for position, character in enumerate([*text, ""]):
        here = others.get(position, {})
        own = 1 - sum(here.values()) if here else sure
        tokens.append(
            Token(
                text=character,
                logprob=math.log(own),
                alternatives=[
                    Alternative(text=other, logprob=math.log(p)) for other, p in here.items()
                ],
            )
        )
    best = Hypothesis(text=text, score=-0.1, tokens=tokens)
    rest = [Hypothesis(text=other, score=-0.5, tokens=[]) for other in more]
    return TextLine(text, [best, *rest])
