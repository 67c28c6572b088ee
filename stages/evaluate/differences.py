"""Where a reading departs from the truth, character by character."""

from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

from stages.evaluate.edits import graphemes


@dataclass(frozen=True)
class Piece:
    """A run of text that both have (`same`), only the truth (`missed`) or the reading (`added`)."""

    kind: Literal["same", "missed", "added"]
    text: str


def differences(truth: str, reading: str) -> list[Piece]:
    """The cheapest alignment of two normalised texts, as pieces in reading order.

    The pieces `same` and `missed` joined give `truth`, `same` and `added` give `reading`; no
    grapheme cluster is divided.
    """
    expected, found = graphemes(truth), graphemes(reading)
    pieces = []
    for chunk in Levenshtein.opcodes(expected, found):
        only_truth = "".join(expected[chunk.src_start : chunk.src_end])
        only_reading = "".join(found[chunk.dest_start : chunk.dest_end])
        if chunk.tag == "equal":
            pieces.append(Piece("same", only_truth))
            continue
        if only_truth:
            pieces.append(Piece("missed", only_truth))
        if only_reading:
            pieces.append(Piece("added", only_reading))
    return pieces
