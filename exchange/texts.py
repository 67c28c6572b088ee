"""Which text a field has, and how it is divided over the lines that were found."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from exchange.sheets import Field, TextFrom
from stages.crop.anchors import SENTENCES
from stages.errors import UserError
from stages.evaluate.alignment import align
from stages.pages.records import CorrectedPage, Layout, Transcription

UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def choose_texts(
    field: Field,
    choice: TextFrom,
    truth: Transcription | None,
    corrected: CorrectedPage,
    layout: Layout,
) -> tuple[list[str], TextFrom]:
    """A field's texts, one for each line of the essay, one in all for print, and their origin.

    `transcription` gives the hand transcription where the field is in it, else the corrected text.
    The band is its printed sentence; a band that was not read has no text.

    Raises:
        UserError: a character that XML cannot hold (controls, lone surrogates).
    """
    typed = getattr(truth, field, None) if choice == "transcription" else None
    origin: TextFrom = choice
    if typed is None and choice == "transcription":
        origin = "corrected"
    if field == "band":
        band = choose_band(choice, truth, layout)
        texts = [] if band is None else [band_sentence(band, layout)]
    elif typed is not None:
        texts = [typed] if isinstance(typed, str) else list(typed)
    else:
        read = getattr(corrected, field)
        texts = read.raw if origin == "raw" else read.corrected
    for number, text in enumerate(texts, 1):
        if foul := UNWRITABLE.search(text):
            raise UserError(
                f"{corrected.page}: {field}, line {number}, holds U+{ord(foul[0]):04X}, which no "
                "XML file can hold; take it out, or transcribe the page"
            )
    return texts, origin


def choose_band(choice: TextFrom, truth: Transcription | None, layout: Layout) -> float | None:
    """The transcribed band if there is one and it is asked for, else the band as read."""
    if choice == "transcription" and truth is not None and truth.band is not None:
        return truth.band
    return layout.band


def band_sentence(band: float, layout: Layout) -> str:
    """The printed sentence with the band in it, `7.0` where the page has it so, else `7`."""
    printed = " ".join(anchor.text for anchor in layout.anchors if anchor.name == "band")
    number = f"{band:.1f}" if f"{band:.1f}" in printed else f"{band:g}"
    return SENTENCES["band"].replace(" 0 ", f" {number} ")


def spread(text: str, lines: Sequence[Sequence[str]]) -> list[str]:
    """A printed text divided over its lines; joined with spaces, the parts are the text again.

    Each word goes to the line in which its match was read, a word without match to that of the
    word before it. No line ends in a hyphen and goes on: `stages.crop.text.join_lines` would mend
    it.

    Args:
        text: words with single spaces between them.
        lines: at least one, the words read in each.

    Returns:
        One part a line, empty where none of the text stands there.
    """
    words = text.split(" ")
    read = [(word, number) for number, line in enumerate(lines) for word in line]
    matcher = SequenceMatcher(None, words, [word for word, _ in read], autojunk=False)
    line_of = {
        match.a + offset: read[match.b + offset][1]
        for match in matcher.get_matching_blocks()
        for offset in range(match.size)
    }
    parts: list[list[str]] = [[] for _ in lines]
    here = 0
    for number, word in enumerate(words):
        if number == 0 or not words[number - 1].endswith("-"):
            here = line_of.get(number, here)
        parts[max(here, _last_used(parts))].append(word)
    return [" ".join(part) for part in parts]


def _last_used(parts: Sequence[Sequence[str]]) -> int:
    return max((number for number, part in enumerate(parts) if part), default=0)


def pair_lines(
    texts: Sequence[str], readings: Sequence[str], origin: TextFrom
) -> list[tuple[str | None, int | None]]:
    """(text, index of line found), in order; None for a partner that is not there.

    Machine-read text has its lines' order, and where a corrector made one text of all lines it is
    divided over them again; a transcription's lines go where their text was read, by fewest edits
    in all (`stages.evaluate.alignment`), and one line for several that were found to none of them.
    """
    if origin == "transcription" and len(texts) == 1 < len(readings):
        return [(texts[0], None), *((None, number) for number in range(len(readings)))]
    if origin == "transcription" or not readings:
        return [(None if i is None else texts[i], j) for i, j in align(texts, readings)]
    if len(texts) != len(readings):
        whole = " ".join(" ".join(texts).split())
        texts = spread(whole, [reading.split() for reading in readings])
    return [(text, number) for number, text in enumerate(texts)]
