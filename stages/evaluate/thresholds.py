"""What each segmentation threshold would have given, had it been kept on every page.

All crops of all candidates are read, so the whole curve comes with every run: what the selector's
choice gains or loses against one threshold for all pages shows without another run.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from stages.evaluate.edits import DECIMALS, Errors, character_errors
from stages.evaluate.lines import line_count_error
from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome
from stages.evaluate.scores import Row
from stages.evaluate.texts import candidate_lines, truth_of
from stages.evaluate.unreadable import readable

THRESHOLD_COLUMNS = (
    "threshold",
    "candidate",
    "essay_cer_raw",
    "essay_lines",
    "essay_lines_transcribed",
    "essay_line_count_error",
    "selector_score",
    "pages_chosen",
)


def threshold_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """The rows of thresholds.csv, one a candidate segmentation, by rising threshold.

    `essay_*` are over the pages whose essay is transcribed, as in scores.json: a rejected page
    counts as read empty. `selector_score` is the mean over all pages read of what the selector
    chooses by (`stages.recognize.select`), `pages_chosen` on how many of them it chose this one.
    """
    thresholds = {
        candidate.name: candidate.threshold
        for outcome in outcomes
        if outcome.reading
        for candidate in outcome.reading.candidates
    }
    names = sorted(thresholds, key=lambda name: (thresholds[name], name))
    return [
        _named(name, thresholds[name]) | _transcribed(outcomes, name) | _chosen(outcomes, name)
        for name in names
    ]


def _named(name: str, threshold: float) -> Row:
    return {"threshold": threshold, "candidate": name}


def _transcribed(outcomes: Sequence[Outcome], name: str) -> Row:
    errors, found, expected = Errors(), 0, 0
    off: list[int] = []
    for outcome in outcomes:
        truth = truth_of(outcome, "essay")
        if outcome.truth is None or outcome.truth.essay is None or truth is None:
            continue
        lines = _readings(outcome).get(name, [])
        errors += character_errors(*readable(truth, normalise(" ".join(lines))))
        found, expected = found + len(lines), expected + len(outcome.truth.essay)
        error = line_count_error(outcome.truth.essay, lines)
        off += [] if error is None else [error]
    return {
        "essay_cer_raw": errors.rate,
        "essay_lines": found if errors.length else None,
        "essay_lines_transcribed": expected or None,
        "essay_line_count_error": round(fmean(off), DECIMALS) if off else None,
    }


def _readings(outcome: Outcome) -> Mapping[str, list[str]]:
    """The best reading of every line by candidate."""
    if outcome.reading is None:
        return {}
    texts = [[entries[0] for entries in lines] for lines in candidate_lines(outcome)]
    return dict(zip((c.name for c in outcome.reading.candidates), texts, strict=True))


def _chosen(outcomes: Sequence[Outcome], name: str) -> Row:
    raw = [outcome.reading.raw for outcome in outcomes if outcome.reading]
    scores = [score.score for page in raw for score in page.scores if score.name == name]
    return {
        "selector_score": round(fmean(scores), DECIMALS) if scores else None,
        "pages_chosen": sum(page.chosen == name for page in raw),
    }
