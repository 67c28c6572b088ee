"""A text that correctors change in turn; it knows what became of which part of the raw one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from stages.pages.records import Edit


@dataclass(frozen=True)
class Mark:
    """Who changed a part of a text, and why."""

    corrector: str
    reason: str
    score: float | None


@dataclass(frozen=True)
class _Piece:
    """What became of the raw characters [start, end); `marks` are none where they stand."""

    start: int
    end: int
    text: str
    marks: tuple[Mark, ...] = ()

    def part(self, begin: int, end: int) -> "_Piece":
        """The characters [begin, end) of a piece that stands."""
        return _Piece(self.start + begin, self.start + end, self.text[begin:end])


class Traced:
    """A raw text, and the pieces that it consists of now: in order, each raw character in one."""

    def __init__(self, raw: str, pieces: Sequence[_Piece] | None = None) -> None:
        self.raw = raw
        self._pieces = [_Piece(0, len(raw), raw)] if pieces is None else list(pieces)
        self.text = "".join(piece.text for piece in self._pieces)

    def replace(self, start: int, end: int, after: str, mark: Mark) -> "Traced":
        """`after` for the characters [start, end) of the present text.

        A change of what was changed before is one change of the raw text with it.
        """
        before: list[_Piece] = []
        touched: list[_Piece] = []
        behind: list[_Piece] = []
        left = right = ""
        ends = accumulate(len(piece.text) for piece in self._pieces)
        for piece, stop in zip(self._pieces, ends, strict=True):
            at = stop - len(piece.text)
            if stop <= start:
                before.append(piece)
            elif at >= end:
                behind.append(piece)
            elif piece.marks:
                left += piece.text[: max(0, start - at)]
                right = piece.text[end - at :] if end < stop else right
                touched.append(piece)
            else:
                cuts = [0, max(0, start - at), min(len(piece.text), end - at), len(piece.text)]
                parts = [piece.part(*cut) for cut in pairwise(cuts)]
                for kind, part in zip((before, touched, behind), parts, strict=True):
                    kind.extend([part] if part.text else [])
        origin = before[-1].end if before else 0
        new = _Piece(
            start=touched[0].start if touched else origin,
            end=touched[-1].end if touched else origin,
            text=left + after + right,
            marks=(*(mark for piece in touched for mark in piece.marks), mark),
        )
        return Traced(self.raw, [*before, self._settled(new), *behind])

    def _settled(self, piece: _Piece) -> _Piece:
        stands = piece.text == self.raw[piece.start : piece.end]
        return _Piece(piece.start, piece.end, piece.text) if stands else piece

    def edits(self, line: int) -> list[Edit]:
        """All changes, in order; a later corrector's change of an earlier one's names both."""
        return [
            Edit(
                line=line,
                start=piece.start,
                end=piece.end,
                before=self.raw[piece.start : piece.end],
                after=piece.text,
                corrector=_all_of([mark.corrector for mark in piece.marks]),
                reason=_all_of([mark.reason for mark in piece.marks]),
                score=piece.marks[-1].score,
            )
            for piece in self._pieces
            if piece.marks
        ]


def joined(lines: Sequence[Traced]) -> Traced:
    """The lines as one, with spaces between them; of the raw lines likewise."""
    raw = ""
    pieces: list[_Piece] = []
    for number, line in enumerate(lines):
        if number:
            pieces.append(_Piece(len(raw), len(raw) + 1, " "))
            raw += " "
        pieces += [
            _Piece(piece.start + len(raw), piece.end + len(raw), piece.text, piece.marks)
            for piece in line._pieces
        ]
        raw += line.raw
    return Traced(raw, pieces)


def _all_of(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))
