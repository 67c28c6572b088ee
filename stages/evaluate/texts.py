"""The texts of a page's fields in the form in which they are compared."""

from collections.abc import Sequence
from typing import Literal

from stages.evaluate.normalise import normalise
from stages.evaluate.outcomes import Outcome
from stages.hyphens import join_lines

Field = Literal["topic", "essay", "examiner_comment"]
FIELDS: tuple[Field, ...] = ("topic", "essay", "examiner_comment")


def truth_of(outcome: Outcome, field: Field) -> str | None:
    """The transcribed text of a field, normalised; None where it is not transcribed."""
    text = getattr(outcome.truth, field, None)
    if text is None:
        return None
    return normalise(text if isinstance(text, str) else join_lines(text))


def raw_of(outcome: Outcome, field: Field) -> str:
    """The recogniser's text of a field, normalised; empty for a rejected page."""
    if outcome.reading is None:
        return ""
    return normalise(join_lines(getattr(outcome.reading.corrected, field).raw))


def final_of(outcome: Outcome, field: Field) -> str:
    """The text of a field in the dataset, normalised; empty for a rejected page."""
    if outcome.reading is None:
        return ""
    return normalise(join_lines(getattr(outcome.reading.record, field).split("\n")))


def raw_lines(outcome: Outcome, field: Field) -> list[str]:
    """The recogniser's lines of a field, normalised; none for a rejected page."""
    if outcome.reading is None:
        return []
    return [normalise(line) for line in getattr(outcome.reading.corrected, field).raw]


def candidate_lines(outcome: Outcome) -> Sequence[Sequence[Sequence[str]]]:
    """For each candidate segmentation of the essay the n-best texts of its lines, normalised.

    A rejected page has one candidate without lines.
    """
    if outcome.reading is None:
        return [[]]
    texts = {
        reading.crop: [normalise(hypothesis.text) for hypothesis in reading.hypotheses]
        for reading in outcome.reading.raw.readings
    }
    return [[texts[line.crop] for line in c.lines] for c in outcome.reading.candidates]
