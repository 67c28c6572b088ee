"""What each of a page's candidate segmentations gave."""

from dataclasses import dataclass

from stages.evaluate.edits import Errors, character_errors
from stages.evaluate.lines import line_count_error
from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome
from stages.evaluate.texts import candidate_lines, truth_of
from stages.evaluate.unreadable import readable
from stages.hyphens import join_lines


@dataclass(frozen=True)
class EssayScores:
    """An essay read in so many lines, against its transcription.

    `line_count_error` is None where the transcription tells nothing of lines.
    """

    errors: Errors
    lines: int
    line_count_error: int | None


@dataclass(frozen=True)
class CandidateScores:
    """A candidate, what the selector thought of it, and how it was read.

    `essay` is None where it is not transcribed.
    """

    score: float
    chosen: bool
    essay: EssayScores | None


def candidate_scores(outcome: Outcome) -> list[CandidateScores]:
    """All candidates of a page, one a threshold in the settings' order; none of a rejected one."""
    if outcome.reading is None:
        return []
    raw = outcome.reading.raw
    texts = [[entries[0] for entries in lines] for lines in candidate_lines(outcome)]
    return [
        CandidateScores(
            score=score,
            chosen=number == raw.chosen,
            essay=essay_scores(outcome, lines),
        )
        for number, (score, lines) in enumerate(zip(raw.scores, texts, strict=True))
    ]


def essay_scores(outcome: Outcome, lines: list[str]) -> EssayScores | None:
    """These lines against the transcribed essay; None where there is none."""
    truth = truth_of(outcome, "essay")
    if outcome.truth is None or outcome.truth.essay is None or truth is None:
        return None
    return EssayScores(
        errors=character_errors(*readable(truth, normalise(join_lines(lines)))),
        lines=len(lines),
        line_count_error=line_count_error(outcome.truth.essay, lines),
    )
