"""The rows that a page begins with: what was read, or what a file already says."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple

from stages.evaluate.alignment import align
from stages.pages.records import Hypothesis, Layout, RawPage, Transcription
from transcribe.draft import FIELDS, FieldName, Row, merge
from transcribe.typed import clean

UNCERTAIN = 0.95
DOUBTFUL = 0.7
CHOICES = 5


class Doubt(NamedTuple):
    """Characters [start, end) of a reading that may be wrong.

    `probability` is the recogniser's own, `others` what else it thought of, best first.
    """

    start: int
    end: int
    probability: float
    others: list[str]


def doubts(hypothesis: Hypothesis) -> list[Doubt]:
    """Where the recogniser's probability of what it read is below UNCERTAIN.

    A token of several characters is doubted as a whole.
    """
    found = []
    start = 0
    for token in hypothesis.tokens:
        end = start + len(token.text)
        probability = exp(token.logprob)
        if token.text and probability < UNCERTAIN:
            others = [choice.text for choice in token.alternatives if choice.text][:CHOICES]
            found.append(Doubt(start, end, round(probability, 2), others))
        start = end
    return found


def reading_rows(layout: Layout, raw: RawPage) -> list[Row]:
    """The print as the crop stage read it, and the raw reading of every line chosen."""
    best = {reading.crop: reading.hypotheses[0].text for reading in raw.readings}
    lines = [
        Row(id=f"line-{number}", field="essay", crops=(line.crop,), text=clean(best[line.crop]))
        for number, line in enumerate(raw.lines, 1)
    ]
    printed = print_texts(layout)
    above = [Row(id=name, field=name, text=printed[name]) for name in FIELDS[:2]]
    comment: FieldName = "examiner_comment"
    return [*above, *lines, Row(id=comment, field=comment, text=printed[comment])]


def print_texts(layout: Layout) -> dict[FieldName, str]:
    """The printed fields as read, empty where they were not found."""
    return {
        "topic": clean(layout.topic.text) if layout.topic else "",
        "band": "" if layout.band is None else f"{layout.band}",
        "examiner_comment": clean(layout.comment.text) if layout.comment else "",
    }


def with_changes(
    rows: Sequence[Row],
    agreed: Sequence[Row],
    readings: Mapping[str, str],
    typed: Transcription,
    made: int,
) -> tuple[list[Row], tuple[Row, ...]]:
    """Rows merged with what was changed in the file since they last agreed, and the file's rows.

    Args:
        agreed: the rows of the file's fields as they were then.
        readings, made: as for `with_file`.
    """
    known = {row.field for row in agreed}
    before = [*agreed, *(row for row in rows if row.field not in known)]
    base = [row for name in FIELDS for row in before if row.field == name]
    theirs = with_file(base, readings, typed, made)
    stated = {"essay"} if typed.essay is not None else set()
    stated |= typed_fields(typed).keys()
    return merge(base, rows, theirs), tuple(row for row in theirs if row.field in stated)


def with_file(
    rows: Sequence[Row], readings: Mapping[str, str], typed: Transcription, made: int
) -> list[Row]:
    """Rows that say what the file says, accepted; what the file leaves out stays as it is.

    The file's lines are paired with the rows by fewest edits. What was typed into a row and not
    accepted yet is kept among its `others`, or in a row that is left out.

    Args:
        readings: the text that each row had before anything was typed, by its id.
        made: a number that no earlier call for this page had, for the ids of new rows.
    """
    essay = [row for row in rows if row.field == "essay"]
    if typed.essay is not None:
        essay = _with_lines(essay, readings, typed.essay, made)
    fields: dict[FieldName, Row] = {row.field: row for row in rows if row.field != "essay"}
    for name, text in typed_fields(typed).items():
        fields[name] = _saying(fields[name], text, readings)
    return [fields["topic"], fields["band"], *essay, fields["examiner_comment"]]


def typed_fields(typed: Transcription) -> dict[FieldName, str]:
    """The fields of a transcription other than the essay, as text; those left out are not there."""
    values: dict[FieldName, str | None] = {
        "topic": typed.topic,
        "band": None if typed.band is None else f"{typed.band}",
        "examiner_comment": typed.examiner_comment,
    }
    return {name: text for name, text in values.items() if text is not None}


def _with_lines(
    rows: Sequence[Row], readings: Mapping[str, str], lines: Sequence[str], made: int
) -> list[Row]:
    found = []
    for i, j in align(lines, [row.text for row in rows]):
        if i is None:
            row = rows[j or 0]
            accepted = row.accepted or not _is_edited(row, readings)
            found.append(row.model_copy(update={"left_out": True, "accepted": accepted}))
        elif j is None:
            row = Row(id=f"file-{made}-{i + 1}", field="essay", text=lines[i], accepted=True)
            found.append(row)
        else:
            found.append(_saying(rows[j], lines[i], readings))
    return found


def _saying(row: Row, text: str, readings: Mapping[str, str]) -> Row:
    lost = _is_edited(row, readings) and row.text != text
    others = tuple(dict.fromkeys((*row.others, *(row.text,) * lost)))
    return row.model_copy(
        update={"text": text, "accepted": not lost, "left_out": False, "others": others}
    )


def _is_edited(row: Row, readings: Mapping[str, str]) -> bool:
    return not row.accepted and row.text != readings.get(row.id, "")


def with_crops(rows: Sequence[Row], fresh: Sequence[Row]) -> list[Row]:
    """Rows on the lines of a new segmentation, paired by fewest edits between text and reading.

    Lines that show no row's text are added, to be accepted.
    """
    shown = {crop for row in rows for crop in row.crops}
    lines = [row for row in fresh if row.field == "essay"]
    if shown == {crop for row in lines for crop in row.crops}:
        return list(rows)
    essay = [row for row in rows if row.field == "essay"]
    taken = {row.id for row in rows}
    placed = []
    for i, j in align([row.text for row in essay], [row.text for row in lines]):
        if i is None:
            row = lines[j or 0]
            free = row.id if row.id not in taken else f"new-{row.crops[0][:16]}"
            placed.append(row.model_copy(update={"id": free}))
        else:
            crops = () if j is None else lines[j].crops
            placed.append(essay[i].model_copy(update={"crops": crops}))
    above = [row for row in rows if row.field in FIELDS[:2]]
    return [*above, *placed, *(row for row in rows if row.field == FIELDS[3])]
