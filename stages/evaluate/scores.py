"""Character and word error rates of what was read against what a person transcribed.

A rate is (S + D + I) / N: the substitutions, deletions and insertions of the cheapest alignment
(Levenshtein 1966) over the reference's length, in characters for CER and in words for WER. It is
0 for a perfect reading and can exceed 1. Rates over several pages are micro-averaged: pooled
errors over pooled length, so that a long page weighs more than a short one.

Texts are compared as `stages.evaluate.normalise` leaves them. A field that a transcription leaves
out is not scored. A transcribed page that was rejected is scored as an empty reading: all its
text counts as deleted and its band as wrong, so that rejecting hard pages cannot better a score.

Score names are flat: `<field>_<cer|wer>` is the text in the dataset, with `_raw` at the end it is
the recogniser's text before correction.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jiwer

from stages.evaluate.normalise import NAME, normalise
from stages.evaluate.outcomes import Outcome

Field = Literal["topic", "essay", "examiner_comment"]
FIELDS: tuple[Field, ...] = ("topic", "essay", "examiner_comment")
MEASURES = ("cer_raw", "cer", "wer_raw", "wer")
DECIMALS = 6

Scores = dict[str, int | float | str]
Row = dict[str, int | float | str | None]


@dataclass(frozen=True)
class Errors:
    """Counts of one alignment or the sum of several; `length` is the reference's."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    length: int = 0

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.length + other.length,
        )

    @property
    def rate(self) -> float | None:
        """Errors over length, in [0, inf); None without a reference."""
        if self.length == 0:
            return None
        errors = self.substitutions + self.deletions + self.insertions
        return round(errors / self.length, DECIMALS)


def character_errors(reference: str, hypothesis: str) -> Errors:
    """Errors in Unicode code points, between two normalised texts."""
    return _errors(jiwer.process_characters(reference, hypothesis))


def word_errors(reference: str, hypothesis: str) -> Errors:
    """Errors in words, divided at spaces, between two normalised texts."""
    return _errors(jiwer.process_words(reference, hypothesis))


def _errors(output: Any) -> Errors:
    length = output.hits + output.substitutions + output.deletions
    return Errors(output.substitutions, output.deletions, output.insertions, length)


def truth_of(outcome: Outcome, field: Field) -> str | None:
    """The transcribed text of a field, normalised; None where it is not transcribed."""
    text = getattr(outcome.truth, field, None)
    if text is None:
        return None
    return normalise(text if isinstance(text, str) else " ".join(text))


def raw_of(outcome: Outcome, field: Field) -> str:
    """The recogniser's text of a field, normalised; empty for a rejected page."""
    if outcome.reading is None:
        return ""
    return normalise(" ".join(getattr(outcome.reading.corrected, field).raw))


def final_of(outcome: Outcome, field: Field) -> str:
    """The text of a field in the dataset, normalised; empty for a rejected page."""
    return "" if outcome.reading is None else normalise(getattr(outcome.reading.record, field))


def page_errors(outcome: Outcome) -> dict[str, Errors]:
    """The errors of each transcribed field by score name, such as `essay_cer_raw`."""
    errors = {}
    for field in FIELDS:
        truth = truth_of(outcome, field)
        if truth is None:
            continue
        raw, final = raw_of(outcome, field), final_of(outcome, field)
        errors[f"{field}_cer_raw"] = character_errors(truth, raw)
        errors[f"{field}_cer"] = character_errors(truth, final)
        errors[f"{field}_wer_raw"] = word_errors(truth, raw)
        errors[f"{field}_wer"] = word_errors(truth, final)
    return errors


def band_correct(outcome: Outcome) -> int | None:
    """1 for the transcribed band, 0 for any other or none; None where it is not transcribed."""
    if outcome.truth is None or outcome.truth.band is None:
        return None
    return int(outcome.reading is not None and outcome.reading.record.band == outcome.truth.band)


def line_counts(outcome: Outcome) -> tuple[int | None, int | None]:
    """How many essay lines were recognised and how many are transcribed, None where unknown."""
    recognised = None if outcome.reading is None else len(outcome.reading.raw.lines)
    essay = outcome.truth.essay if outcome.truth else None
    return recognised, None if essay is None else len(essay)


def page_row(outcome: Outcome) -> Row:
    """A page's row of pages.csv; None where there is nothing to score."""
    errors = page_errors(outcome)
    recognised, transcribed = line_counts(outcome)
    reading = outcome.reading
    names = [f"{field}_{measure}" for field in FIELDS for measure in MEASURES]
    return {
        "page": outcome.page,
        "status": "done" if reading else "rejected",
        **{name: errors[name].rate if name in errors else None for name in names},
        "band_correct": band_correct(outcome),
        "essay_lines": recognised,
        "essay_lines_transcribed": transcribed,
        "essay_score": reading.provenance.essay_score if reading else None,
    }


def total(outcomes: Sequence[Outcome]) -> Scores:
    """The content of scores.json: counts of pages, and what is transcribed scored over all pages.

    `essay_lines` counts the recognised lines of the pages whose essay is transcribed, to be
    compared with `essay_lines_transcribed`. Without any transcription there are only counts.
    """
    transcribed = [outcome for outcome in outcomes if outcome.truth]
    scores: Scores = {
        "normalisation": NAME,
        "pages_done": sum(outcome.reading is not None for outcome in outcomes),
        "pages_rejected": sum(outcome.rejection is not None for outcome in outcomes),
        "pages_transcribed": len(transcribed),
        "pages_transcribed_rejected": sum(o.rejection is not None for o in transcribed),
    }
    pooled: dict[str, Errors] = {}
    for outcome in transcribed:
        for name, errors in page_errors(outcome).items():
            pooled[name] = pooled.get(name, Errors()) + errors
    scores.update({name: e.rate for name, e in pooled.items() if e.rate is not None})
    bands = [correct for o in transcribed if (correct := band_correct(o)) is not None]
    if bands:
        scores["band_accuracy"] = round(sum(bands) / len(bands), DECIMALS)
    lines = Counter[str]()
    for recognised, truth in map(line_counts, transcribed):
        if truth is not None:
            lines.update(essay_lines=recognised or 0, essay_lines_transcribed=truth)
    return {**scores, **lines}
