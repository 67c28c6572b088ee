"""What bounds the handwriting: the print above and below it, or what is to do without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import fmean

from stages.crop.anchors import SENTENCES, Match, bounding_box, quoted
from stages.crop.fields import MIN_PRINT_CONFIDENCE, field_words, printed_below, words_below
from stages.crop.text import is_speck, lines_of
from stages.pages.records import AnchorName, Word

TOP_FALLBACK = 0.33
COMMENT_FALLBACK = 0.72
# What print that no sentence marks has at least: mean confidence, and words.
SURE, FEW = 0.9, 4

Anchors = Mapping[AnchorName, Match]


@dataclass(frozen=True)
class Bounds:
    """Where the handwriting begins and ends on a page.

    Attributes:
        above, below: the printed words there.
        top, bottom: rows to begin and end at; None to go by the print.
        comment: the printed words of the examiner's comment, a part of those below.
        notes: for a person, which sentences were not found, and what was done instead.
    """

    above: list[Word]
    below: list[Word]
    top: int | None
    bottom: int | None
    comment: list[Word]
    notes: list[str]


def find_bounds(words: Sequence[Word], anchors: Anchors, height: int) -> Bounds:
    """The bounds of the handwriting on a page of `height` rows, by its words in reading order.

    Without the band's sentence, handwriting is taken to begin at a third of the height, but at the
    page's top where no sentence stands above it: so do an answer's second pages. Without the
    comment's, the last print in the page's lower part is the comment; if there is none, handwriting
    is taken to go on to the page's end.
    """
    above, comment = _above(words, anchors), _comment(words, anchors, height)
    below, top, bottom = comment, None, None
    notes = {
        name: f"{name}: {quoted(name)} was not found; left empty"
        for name in SENTENCES
        if name not in anchors
    }
    if "band" not in anchors:
        printed = bounding_box(above).bottom if above else 0
        top = max(int(TOP_FALLBACK * height), printed) if above else 0
        notes["band"] += f", and the region begins {_place(top, printed)}"
    if "comment" in anchors:
        match = anchors["comment"]
        below = [*match.words(words), *words_below(words, match, len(words))]
    elif comment:
        notes["comment"] = (
            f"comment: {quoted('comment')} was not found; taken from the last print below"
            f" {COMMENT_FALLBACK:.0%} of the height, and the region ends above that"
        )
    else:
        bottom = height
        notes["comment"] += ", and the region runs to the page's end"
    return Bounds(above, below, top, bottom, comment, list(notes.values()))


def _place(top: int, printed: int) -> str:
    if top == 0:
        return "at the page's top"
    return "under the print above it" if top == printed else f"at {TOP_FALLBACK:.0%} of the height"


def _above(words: Sequence[Word], anchors: Anchors) -> list[Word]:
    """The print down to the last sentence above the handwriting, and a topic that follows it."""
    comment = anchors.get("comment")
    leading = [
        match
        for match in anchors.values()
        if match.name != "comment" and (comment is None or match.start < comment.start)
    ]
    above = list(words[: max((match.stop for match in leading), default=0)])
    if leading and leading[-1].name == "topic":
        above += printed_below(words, list(anchors.values()), "topic")
    return above


def _comment(words: Sequence[Word], anchors: Anchors, height: int) -> list[Word]:
    if "comment" in anchors:
        return field_words(words, list(anchors.values()), "comment")
    return last_print([word for word in words if word.box.top >= COMMENT_FALLBACK * height])


def last_print(words: Sequence[Word]) -> list[Word]:
    """The words of the last lines, specks left out, as far up as Tesseract is sure of each.

    None where they are few, or Tesseract is not sure enough of all together: of a single line of
    handwriting it is now and then as sure as of print.
    """
    lines = lines_of([word for word in words if not is_speck(word)])
    run = list(takewhile(lambda line: _sureness(line) >= MIN_PRINT_CONFIDENCE, reversed(lines)))
    found = [word for line in reversed(run) for word in line]
    return found if len(found) >= FEW and _sureness(found) >= SURE else []


def _sureness(words: Sequence[Word]) -> float:
    return fmean(word.confidence for word in words)
