"""One page's scores.

A field that a transcription leaves out is not scored. A transcribed page that was rejected is
scored as an empty reading: all its text counts as deleted and its band as wrong, so that rejecting
hard pages cannot better a score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stages.evaluate.candidates import (
    CandidateScores,
    EssayScores,
    candidate_scores,
    essay_scores,
)
from stages.evaluate.doubts import counted, flagged, guesses, in_short
from stages.evaluate.edits import Errors, bag_of_words_errors, character_errors, word_errors
from stages.evaluate.line_scores import LineScore, line_scores
from stages.evaluate.lines import line_count_error, line_errors
from stages.evaluate.normalise import VARIANTS, normalise
from stages.evaluate.oracle import oracle_errors
from stages.evaluate.outcomes import Outcome
from stages.evaluate.preservation import Fates, preservation
from stages.evaluate.texts import FIELDS, candidate_lines, final_of, raw_lines, raw_of, truth_of
from stages.evaluate.unreadable import cut_words, readable
from stages.hyphens import join_lines


@dataclass(frozen=True)
class PageScores:
    """What is scored of a page, and what else is told of it beside others.

    Attributes:
        done: whether it came through; else it was rejected.
        transcribed: whether any of it is.
        trained_on: whether the recogniser was trained on it.
        errors: by the score's name, for what is transcribed.
        fates: of the essay's non-words, `essay_nonwords_raw` before correction and
            `essay_nonwords` after it; none where the essay is not transcribed.
        band_correct: 1 for the transcribed band, 0 for any other or none; None: not transcribed.
        lines: how many essay lines were recognised; None for a rejected page.
        lines_transcribed: how many are transcribed; None where the transcription has no lines.
        line_count_error: how far the two are apart; None where the transcription has no lines:
            its essay is left out, or typed as one line and read as several.
        edits, suspect_lines: of the essay; None for a rejected page.
        score: the recogniser's mean log-probability; None for a rejected page, or one without ink.
        guesses: what of its print was not found or not read, in a few words each.
        flags: what deserves a look, in a few words each.
        candidates: in their order.
        unread: the essay read as empty; None where it is not transcribed.
        line_scores: none where the transcription tells nothing of lines.
    """

    page: str
    source: str
    done: bool
    transcribed: bool
    trained_on: bool
    errors: Mapping[str, Errors]
    fates: Mapping[str, Fates]
    band_correct: int | None
    lines: int | None
    lines_transcribed: int | None
    line_count_error: int | None
    edits: int | None
    suspect_lines: int | None
    score: float | None
    guesses: Sequence[str]
    flags: Sequence[str]
    candidates: Sequence[CandidateScores]
    unread: EssayScores | None
    line_scores: Sequence[LineScore]


def score_page(outcome: Outcome) -> PageScores:
    """Compare what was read of a page with its transcription, if it has one."""
    essay = outcome.truth.essay if outcome.truth else None
    errors, fates = _field_errors(outcome), {}
    recognised = raw_lines(outcome, "essay")
    if essay is not None:
        truth = normalise(join_lines(essay))
        raw = readable(truth, raw_of(outcome, "essay"))
        final = readable(truth, final_of(outcome, "essay"))
        errors |= _form_errors(raw, final) | _choice_errors(outcome, truth)
        by_line = line_errors([normalise(line) for line in essay], recognised)
        errors |= {} if by_line is None else {"essay_line_cer_raw": by_line}
        cut = cut_words(truth)
        fates["essay_nonwords_raw"] = preservation(*raw, cut)
        fates["essay_nonwords"] = preservation(*final, cut)
    reading = outcome.reading
    off = None if essay is None else line_count_error(essay, recognised)
    scores = PageScores(
        page=outcome.page,
        source=outcome.source,
        done=reading is not None,
        transcribed=outcome.truth is not None,
        trained_on=outcome.trained_on,
        errors=errors,
        fates=fates,
        band_correct=_band_correct(outcome),
        lines=len(recognised) if reading else None,
        lines_transcribed=None if essay is None or off is None else len(essay),
        line_count_error=off,
        edits=len(reading.corrected.essay.edits) if reading else None,
        suspect_lines=len(reading.corrected.suspects) if reading else None,
        score=reading.provenance.essay_score if reading else None,
        guesses=guesses(outcome.layout.fallbacks) if outcome.layout else [],
        flags=[],
        candidates=candidate_scores(outcome),
        unread=essay_scores(outcome, []),
        line_scores=line_scores(outcome),
    )
    return replace(scores, flags=_flags(scores, outcome))


def _field_errors(outcome: Outcome) -> dict[str, Errors]:
    errors = {}
    for field in FIELDS:
        truth = truth_of(outcome, field)
        if truth is None:
            continue
        raw, final = raw_of(outcome, field), final_of(outcome, field)
        for suffix, text in (("_raw", raw), ("", final)):
            pair = readable(truth, text) if field == "essay" else (truth, text)
            errors[f"{field}_cer{suffix}"] = character_errors(*pair)
            errors[f"{field}_wer{suffix}"] = word_errors(*pair)
    return errors


def _form_errors(raw: tuple[str, str], final: tuple[str, str]) -> dict[str, Errors]:
    """The essay compared without case, without punctuation, and without the order of its words.

    Args:
        raw, final: the transcription and the text, what is unreadable taken out of both.
    """
    errors = {
        "essay_wer_raw_bag_of_words": bag_of_words_errors(*raw),
        "essay_wer_bag_of_words": bag_of_words_errors(*final),
    }
    for name, form in VARIANTS.items():
        truth, text = map(form, final)
        errors[f"essay_cer_{name}"] = character_errors(truth, text)
        errors[f"essay_wer_{name}"] = word_errors(truth, text)
    return errors


def _choice_errors(outcome: Outcome, truth: str) -> dict[str, Errors]:
    """The oracle's errors, choosing the segmentation only and the n-best entries too."""
    candidates = candidate_lines(outcome)
    best = [[entries[:1] for entries in lines] for lines in candidates]
    return {
        "essay_cer_raw_oracle_segmentation": oracle_errors(truth, best),
        "essay_cer_raw_oracle": oracle_errors(truth, candidates),
    }


def _flags(page: PageScores, outcome: Outcome) -> list[str]:
    flags = [] if page.done else ["rejected"]
    if page.trained_on:
        flags.append("the recogniser was trained on it")
    if outcome.reading:
        if page.band_correct == 0:
            flags.append("band wrong")
        if page.line_count_error:
            flags.append(counted(page.lines, page.lines_transcribed))
        flags += flagged(outcome.reading.raw.lines)
    return flags + [in_short(told) for told in (outcome.layout.fallbacks if outcome.layout else [])]


def _band_correct(outcome: Outcome) -> int | None:
    if outcome.truth is None or outcome.truth.band is None:
        return None
    return int(outcome.reading is not None and outcome.reading.record.band == outcome.truth.band)
