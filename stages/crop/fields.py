"""Topic, test number, band and comment, read from the words round the anchors."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from stages.crop.anchors import Match, find_sentence
from stages.crop.text import is_speck, lines_of
from stages.pages.records import AnchorName, Word

TRAILERS = (
    "You should spend about 40 minutes on this task.",
    "Give reasons for your answer and include any relevant examples"
    " from your own knowledge or experience.",
    "Write at least 250 words.",
)
TRAILER_SIMILARITY = 0.8
DIGIT_SLIPS = str.maketrans("oODQlIi|!zZsS$bBgq", "000011111225556899")
MARKS = ".,·:-'’"
MAX_GAP = 2.0
MAX_LEADING = 3.0
MAX_NUMBER = 5
PAGE_NUMBER = re.compile(r"\W*(page|p\.)\s*\d+(\s*(of|/)\s*\d+)?\W*", re.IGNORECASE)
MIN_PRINT_CONFIDENCE = 0.8

Value = TypeVar("Value", int, float)


def parse_band(text: str) -> float | None:
    """A band as read, slips allowed for: `6.5`, `6,5`, `6.S`, `65`, `7`; None if it is none."""
    digits = "".join(char for char in text.translate(DIGIT_SLIPS) if char not in MARKS)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 2):
        return None
    if len(digits) == 2 and digits[1] not in "05":
        return None
    band = int(digits[0]) + (0.5 if digits[1:] == "5" else 0.0)
    return band if band <= 9 else None


def parse_test(text: str) -> int | None:
    """A test number as read, slips allowed for; None if it is none."""
    digits = text.strip(MARKS).translate(DIGIT_SLIPS)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 2 else None


def find_band(words: Sequence[Word], band: Match) -> tuple[float, float] | None:
    """The band in its sentence, 0 to 9 in halves, and its confidence, the sentence's mean."""
    return _number_with_confidence(band.words(words), "achievedaband", "score", parse_band)


def find_test(words: Sequence[Word], test: Match) -> tuple[int, float] | None:
    """The number in `TEST n, WRITING TASK n`, and its confidence, the sentence's mean."""
    return _number_with_confidence(test.words(words), "test", "writingtask", parse_test)


def _number_with_confidence(
    words: Sequence[Word], before: str, after: str, parse: Callable[[str], Value | None]
) -> tuple[Value, float] | None:
    value = _number_between(words, before, after, parse)
    if value is None:
        return None
    return value, round(fmean(word.confidence for word in words), 4)


def _number_between(
    words: Sequence[Word], before: str, after: str, parse: Callable[[str], Value | None]
) -> Value | None:
    """The number that best divides a sentence into what should stand before and after it.

    Of all divisions whose middle is a number, the one whose sides are the fewest edits away from
    `before` and `after`; of equals the one with the longest number, since a side has no use for
    its digits, nor is a part of a number one: what is read as 6.3 is no band of 6. None if a third
    of the sides would have to be edited, or any of them where the number itself is read as letters
    alone.
    """
    text = "".join(word.text for word in words)
    text = "".join(char for char in text if char.isalnum() or char in MARKS + "|!$")
    plain = text.lower() if len(text.lower()) == len(text) else text
    divisions = []
    for start in range(len(text)):
        for stop in range(start + 1, min(len(text), start + MAX_NUMBER) + 1):
            value = parse(text[start:stop])
            if value is None or _goes_on(text, start, stop):
                continue
            head, tail = plain[:start][-len(before) :], plain[stop:].strip(MARKS)[: len(after)]
            edits = Levenshtein.distance(head, before) + Levenshtein.distance(tail, after)
            has_digit = any(char.isdigit() for char in text[start:stop])
            if edits <= ((len(before) + len(after)) // 3 if has_digit else 0):
                divisions.append((edits, start - stop, value))
    return min(divisions, key=lambda division: division[:2])[2] if divisions else None


def _goes_on(text: str, start: int, stop: int) -> bool:
    """Whether more digits of a number stand right before or after a part of it."""
    before, after = text[:start].rstrip(MARKS)[-1:], text[stop:].lstrip(MARKS)[:1]
    return before.isdigit() or after.isdigit()


def field_words(words: Sequence[Word], anchors: Sequence[Match], name: AnchorName) -> list[Word]:
    """The words of the topic or the comment: its print, without what is no part of its text.

    The topic is the prompt alone. The instructions round it on a question paper ("Give reasons
    for your answer...", "Write at least 250 words.", "You should spend about 40 minutes...") are
    the same on every page and say nothing about this one, so whoever trains on the dataset would
    have to strip them: the topic ends where the first of them begins. A last line of capitals or
    digits (a heading, a page number), or "Page 3 of 4", is left out as well.
    """
    found = printed_below(words, anchors, name)
    if name == "topic":
        for trailer in TRAILERS:
            runs = find_sentence(found, trailer, TRAILER_SIMILARITY)
            found = found[: min((run.start for run in runs), default=len(found))]
    lines = lines_of(found)
    while len(lines) > 1 and _is_heading(lines[-1]):
        lines.pop()
    return [word for line in lines for word in line]


def printed_below(words: Sequence[Word], anchors: Sequence[Match], name: AnchorName) -> list[Word]:
    """The printed words from an anchor to the next one, without specks; none without the anchor.

    Where handwriting follows the prompt directly, the print ends at a wide gap or at the first
    line that Tesseract is not sure of.
    """
    match = next((anchor for anchor in anchors if anchor.name == name), None)
    if match is None:
        return []
    following = next((anchor for anchor in anchors if anchor.start >= match.stop), None)
    below = words_below(words, match, following.start if following else len(words))
    found = [word for word in below if not is_speck(word)]
    if name == "topic" and (following is None or following.name == "comment"):
        return _while_printed(found, match.words(words))
    return found


def words_below(words: Sequence[Word], match: Match, stop: int) -> list[Word]:
    """The words [match.stop, stop) that stand next to an anchor or below its last line.

    Not what stands far to its right, or beside it in rows that are the anchor's own.
    """
    own = [word for word in match.words(words) if word.line == words[match.stop - 1].line]
    height = median(word.box.height for word in own)
    bottom = max(word.box.bottom for word in own)
    end = max(word.box.right for word in own)
    found = []
    for word in words[match.stop : stop]:
        if word.line == own[0].line:
            if word.box.left > end + MAX_GAP * height:
                continue
            end = word.box.right
        elif (word.box.top + word.box.bottom) / 2 < bottom:
            continue
        found.append(word)
    return found


def _while_printed(words: Sequence[Word], anchor: Sequence[Word]) -> list[Word]:
    """The lines that go on with the print of an anchor, up to where handwriting begins."""
    height = median(word.box.height for word in anchor)
    lines = lines_of(words)
    edges = [_edges(anchor), *map(_edges, lines)]
    kept: list[Word] = []
    for line, (above, here) in zip(lines, pairwise(edges), strict=True):
        apart = here[0] - above[1] > MAX_LEADING * height
        if apart or fmean(word.confidence for word in line) < MIN_PRINT_CONFIDENCE:
            break
        kept += line
    return kept


def _edges(line: Iterable[Word]) -> tuple[float, float]:
    boxes = [word.box for word in line]
    return median(box.top for box in boxes), median(box.bottom for box in boxes)


def _is_heading(line: Sequence[Word]) -> bool:
    text = " ".join(word.text for word in line)
    if PAGE_NUMBER.fullmatch(text):
        return True
    return not any(char.islower() for char in text) and not text.endswith((".", "?", "!"))
