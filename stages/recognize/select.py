"""Which candidate segmentation of a page is kept, judged by what was read from its crops."""

from collections.abc import Callable, Mapping

from stages.pages.records import Candidate, Hypothesis

Readings = Mapping[str, Hypothesis]


def longest(candidates: list[Candidate], readings: Readings) -> list[float]:
    """The notebook's rule: the length in characters of the lines joined with spaces."""
    return [len(_text(candidate, readings)) for candidate in candidates]


def likelihood(candidates: list[Candidate], readings: Readings) -> list[float]:
    """The mean length-normalised log-probability, each line weighted by its ink.

    Ink that a candidate leaves out, against the one that covers most, counts as read with the
    page's lowest line score; dropping a hard line is therefore never a gain.
    """
    most = max(sum(line.ink for line in candidate.lines) for candidate in candidates)
    lowest = min(readings[line.crop].score for c in candidates for line in c.lines)
    return [_mean_score(candidate, readings, most, lowest) for candidate in candidates]


def _mean_score(candidate: Candidate, readings: Readings, most: int, lowest: float) -> float:
    covered = sum(line.ink for line in candidate.lines)
    total = sum(line.ink * readings[line.crop].score for line in candidate.lines)
    return round((total + (most - covered) * lowest) / max(1, most), 3)


def _text(candidate: Candidate, readings: Readings) -> str:
    return " ".join(text for line in candidate.lines if (text := readings[line.crop].text))


SELECTORS: dict[str, Callable[[list[Candidate], Readings], list[float]]] = {
    "longest": longest,
    "likelihood": likelihood,
}


def choose(
    selector: str, candidates: list[Candidate], readings: Readings
) -> tuple[int, list[float]]:
    """Which candidate has the highest score, the first of equals that has lines, and the scores of
    all.

    Args:
        selector: a key of `SELECTORS`.
        candidates: at least one, of which at least one has lines.
        readings: the best hypothesis of every crop that the candidates name.
    """
    scores = SELECTORS[selector](candidates, readings)
    best = max(range(len(scores)), key=lambda k: (scores[k], bool(candidates[k].lines)))
    return best, scores
