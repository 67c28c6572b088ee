"""What each segmentation threshold would have given, had it been kept on every page.

All crops of all candidates are read, so the whole curve comes with every run: what the selector's
choice gains or loses against one threshold for all pages shows without another run.
"""

from collections.abc import Sequence
from statistics import fmean

from stages.evaluate.candidates import CandidateScores
from stages.evaluate.edits import DECIMALS, Errors
from stages.evaluate.page import PageScores
from stages.evaluate.scores import Row
from stages.pages.records import Candidate

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


def threshold_rows(pages: Sequence[PageScores], candidates: Sequence[Candidate]) -> list[Row]:
    """The rows of thresholds.csv, one a candidate segmentation, by rising threshold.

    `essay_*` are over the pages whose essay is transcribed, those of lines over the pages where it
    is typed line by line, as in scores.json: a rejected page counts as read empty.
    `selector_score` is the mean over all pages read of what the selector chooses by
    (`stages.recognize.select`), `pages_chosen` on how many of them it chose this one.

    Args:
        candidates: those of any page that was read, for their names; none where no page was.
    """
    return [
        _named(candidate)
        | _transcribed(pages, number)
        | _chosen([page.candidates[number] for page in pages if page.candidates])
        for number, candidate in sorted(enumerate(candidates), key=lambda each: each[1].threshold)
    ]


def _named(candidate: Candidate) -> Row:
    return {"threshold": candidate.threshold, "candidate": candidate.name}


def _transcribed(pages: Sequence[PageScores], number: int) -> Row:
    errors, found, expected = Errors(), 0, 0
    off: list[int] = []
    for page in pages:
        if page.unread is None:
            continue
        essay = page.candidates[number].essay if page.candidates else page.unread
        assert essay is not None  # as `unread`
        errors += essay.errors
        if page.lines_transcribed is None or essay.line_count_error is None:
            continue
        found, expected = found + essay.lines, expected + page.lines_transcribed
        off.append(essay.line_count_error)
    return {
        "essay_cer_raw": errors.rate,
        "essay_lines": found if off else None,
        "essay_lines_transcribed": expected or None,
        "essay_line_count_error": round(fmean(off), DECIMALS) if off else None,
    }


def _chosen(candidates: Sequence[CandidateScores]) -> Row:
    return {
        "selector_score": round(fmean(candidate.score for candidate in candidates), DECIMALS),
        "pages_chosen": sum(candidate.chosen for candidate in candidates),
    }
