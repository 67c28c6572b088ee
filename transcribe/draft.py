"""What a transcriber has typed of a page so far, row by row, and how two versions become one."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from stages.pages.records import Record

FieldName = Literal["topic", "band", "essay", "examiner_comment"]
FIELDS: tuple[FieldName, ...] = ("topic", "band", "essay", "examiner_comment")
Text = Annotated[str, Field(max_length=20_000)]
CropName = Annotated[str, Field(max_length=40)]


class Row(Record):
    """A text field of the page: a field of print, or one handwritten line.

    `id` stays the same for the row's life; `crops` name the line crops that it transcribes, none
    for a line that was added by hand. An `accepted` row is as its transcriber wants it; one
    `left_out` is no line of the essay and keeps its text only in the draft. `others` holds what
    another window or editor made of the row at the same time.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    field: FieldName
    crops: tuple[CropName, ...] = ()
    text: Text
    accepted: bool = False
    left_out: bool = False
    others: tuple[Text, ...] = ()


class Draft(Record):
    """A page's rows in reading order; `version` grows by one with every save.

    `file` is the SHA-256 of the transcription's file as it was when the two last agreed, None if
    there was none, and `agreed` has the rows of its fields as they were then. `coming` is that of
    the file which is just being written, empty where it is removed. `scan` is that of the scan.
    """

    version: Annotated[int, Field(ge=0)] = 0
    rows: list[Row]
    file: str | None = None
    agreed: tuple[Row, ...] = ()
    coming: str | None = None
    scan: str | None = None


def is_finished(rows: Sequence[Row]) -> bool:
    """Whether all rows that count are accepted."""
    return all(row.accepted for row in rows if not row.left_out)


def merge(base: Sequence[Row], mine: Sequence[Row], theirs: Sequence[Row]) -> list[Row]:
    """Two versions that both come from `base` as one that loses neither's text.

    What only one of them changed is taken from it. A row whose text both changed keeps mine, has
    theirs among its `others` unless it was typed on the way to mine, and is not accepted. A row
    that one removed, or left out, stays if the other changed it, or its text.
    """
    before, ours, rest = ({row.id: row for row in rows} for rows in (base, mine, theirs))
    merged = [_row(before.get(i), ours.get(i), rest.get(i)) for i in _order(ours, rest)]
    return [row for row in merged if row is not None]


def _order(mine: dict[str, Row], theirs: dict[str, Row]) -> list[str]:
    """The order of theirs, what only mine has behind what it follows there."""
    order = list(theirs)
    last = None
    for row in mine:
        if row not in theirs:
            order.insert(0 if last is None else order.index(last) + 1, row)
        last = row
    return order


def _row(base: Row | None, mine: Row | None, theirs: Row | None) -> Row | None:
    if mine is None or theirs is None:
        left = mine or theirs
        return None if left == base else left
    if theirs in (mine, base):
        return mine
    if base is None:
        if theirs.text in mine.text:  # typed on the way to it
            return mine
        base = mine.model_copy(update={"text": "", "accepted": False, "others": ()})
    if mine == base:
        return theirs
    texted = theirs if mine.text == base.text else mine
    clash = theirs.text not in (mine.text, base.text) and mine.text != base.text
    noted = (*mine.others, *theirs.others, *(theirs.text,) * clash)
    dismissed = {
        text for text in base.others if text not in mine.others or text not in theirs.others
    }
    others = _distinct(texted.text, [text for text in noted if text not in dismissed])
    if clash and theirs.text and theirs.text in base.text:  # a deletion, not on the way to mine
        others = tuple(dict.fromkeys((*others, theirs.text)))
    stays = _stays(base, mine, theirs) or _stays(base, theirs, mine)
    left_out = theirs.left_out if mine.left_out == base.left_out else mine.left_out
    return mine.model_copy(
        update={
            "text": texted.text,
            "accepted": texted.accepted and not clash and not stays,
            "crops": theirs.crops if mine.crops == base.crops else mine.crops,
            "left_out": left_out and not stays,
            "others": others,
        }
    )


def _stays(base: Row, one: Row, other: Row) -> bool:
    """Whether one left out a line in which the other was typing."""
    return one.left_out and not (base.left_out or other.left_out) and other.text != base.text


def _distinct(text: str, others: Sequence[str]) -> tuple[str, ...]:
    """The others that no longer text contains: those are what was typed on the way to it."""
    kept = [other for other in dict.fromkeys(others) if other not in text]
    return tuple(o for o in kept if not any(o in longer for longer in kept if longer != o))
