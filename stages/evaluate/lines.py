"""Errors line by line: recognised lines against the transcription's."""

from collections.abc import Sequence

from stages.evaluate.alignment import Pairing, align
from stages.evaluate.edits import Errors, character_errors, graphemes
from stages.evaluate.unreadable import readable


def line_errors(transcribed: Sequence[str], recognised: Sequence[str]) -> Errors | None:
    """Character errors summed over aligned lines: the rate is the line-level CER.

    Lines are aligned by fewest edits; a transcribed line that no recognised one shows counts as
    deleted, a recognised one that shows none as inserted. N is the length of all transcribed lines
    in grapheme clusters, without the breaks between them. A word read on the wrong line costs here
    what it does not cost in the page's CER, which joins lines.

    Returns:
        None where the transcription tells nothing of lines.
    """
    paired = pair_errors(transcribed, recognised)
    return None if paired is None else sum((errors for _, errors in paired), Errors())


def pair_errors(
    transcribed: Sequence[str], recognised: Sequence[str]
) -> list[tuple[int | None, Errors]] | None:
    """The pairs of `paired_lines` in order: the recognised line's index, and the pair's errors.

    The errors' length is 0 for a recognised line that shows no transcribed one.
    """
    pairs = paired_lines(transcribed, recognised)
    if pairs is None:
        return None
    return [
        (
            j,
            character_errors(
                *readable("" if i is None else transcribed[i], "" if j is None else recognised[j])
            ),
        )
        for i, j in pairs
    ]


def paired_lines(transcribed: Sequence[str], recognised: Sequence[str]) -> Pairing | None:
    """Which transcribed line each recognised one shows, by fewest edits in grapheme clusters.

    Returns:
        (transcribed, recognised) indices in order, None for a partner that is not there; None
        where the transcription tells nothing of lines.
    """
    if not _comparable(transcribed, recognised):
        return None
    return align([graphemes(t) for t in transcribed], [graphemes(r) for r in recognised])


def line_count_error(transcribed: Sequence[str], recognised: Sequence[str]) -> int | None:
    """How many lines too many or too few were recognised, 0 for the right count.

    Returns:
        None where the transcription tells nothing of lines.
    """
    if not _comparable(transcribed, recognised):
        return None
    return abs(len(recognised) - len(transcribed))


def _comparable(transcribed: Sequence[str], recognised: Sequence[str]) -> bool:
    """False for an essay that is typed as one line and read as several."""
    return len(transcribed) != 1 or len(recognised) <= 1
