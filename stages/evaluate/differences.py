"""Where a reading departs from the truth, character by character."""

from dataclasses import dataclass
from typing import Literal

import jiwer


@dataclass(frozen=True)
class Piece:
    """A run of text that both have (`same`), only the truth (`missed`) or the reading (`added`)."""

    kind: Literal["same", "missed", "added"]
    text: str


def differences(truth: str, reading: str) -> list[Piece]:
    """The cheapest alignment of two normalised texts, as pieces in reading order.

    The pieces `same` and `missed` joined give `truth`, `same` and `added` give `reading`.
    """
    pieces = []
    for chunk in jiwer.process_characters(truth, reading).alignments[0]:
        only_truth = truth[chunk.ref_start_idx : chunk.ref_end_idx]
        only_reading = reading[chunk.hyp_start_idx : chunk.hyp_end_idx]
        if chunk.type == "equal":
            pieces.append(Piece("same", only_truth))
            continue
        if only_truth:
            pieces.append(Piece("missed", only_truth))
        if only_reading:
            pieces.append(Piece("added", only_reading))
    return pieces
