"""Printed words as running text."""

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from wordfreq import zipf_frequency

from stages.pages.records import Reading, Word

DASHES = {"-", "–", "—"}
SIGNS = DASHES | {"&", "/", "%", "...", "…"}
MIN_CONFIDENCE = 0.3
MIN_ZIPF = 3.0


def lines_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words in reading order, divided into their OCR lines."""
    return [list(line) for _, line in groupby(words, key=lambda word: word.line)]


def is_speck(word: Word) -> bool:
    """Whether a word is dirt: a single sign that Tesseract doubts, or no letter nor digit at all.

    Signs that print does set between spaces are none, and a dash is one only if it is wide.
    """
    if len(word.text) == 1 and word.confidence < MIN_CONFIDENCE:
        return True
    if any(char.isalnum() for char in word.text):
        return False
    short_dash = word.text in DASHES and word.box.width < 2 * word.box.height
    return word.text not in SIGNS or short_dash


def reading(words: Sequence[Word]) -> Reading | None:
    """The text of printed words, specks left out, confidence their mean; None without any."""
    kept = [word for word in words if not is_speck(word)]
    if not kept:
        return None
    text = join_lines([" ".join(word.text for word in line) for line in lines_of(kept)])
    return Reading(text=text, confidence=round(fmean(word.confidence for word in kept), 4))


def join_lines(lines: Sequence[str]) -> str:
    """Lines as one text; a word broken at a line's end is mended where that is clearly right.

    `develop-` and `ment` become `development`, a well-known word that is at least about as
    frequent as the rarer of its halves; `well-` and `being` keep their hyphen (the halves are far
    more frequent than `wellbeing`). Frequencies are wordfreq's, on the Zipf scale. No space
    follows a hyphen at a line's end either way.
    """
    text = ""
    for line in lines:
        if len(text) > 1 and text[-1] == "-" and text[-2].isalpha() and line[:1].isalpha():
            head = text.rpartition(" ")[2][:-1]
            tail = line.partition(" ")[0]
            text = (text[:-1] if _is_broken(head, tail) else text) + line
        else:
            text = f"{text} {line}" if text else line
    return text


def _is_broken(head: str, tail: str) -> bool:
    tail = "".join(char for char in tail if char.isalpha() or char in "'’")
    head = head.lstrip("(\"'“‘")
    if not head.isalpha() or not tail[:1].islower():
        return False
    whole = float(zipf_frequency(head + tail, "en"))
    rarer = min(zipf_frequency(head, "en"), zipf_frequency(tail, "en"))
    return whole >= max(MIN_ZIPF, rarer - 1)
