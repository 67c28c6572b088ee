"""Lines as one running text: its sentences and tokens with their places, and the way back."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

# A sentence longer than this is given to a model in parts: a learner's may go on for a page.
MAX_TOKENS = 64

SENTENCE_BREAK = re.compile(
    r"(?<=[.!?])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)[\"'”’)]*\s+(?![a-z])"
)
TOKEN = re.compile(
    r"""[^\W\d_]+(?=n['’]t\b) | n['’]t\b | ['’](?:s|m|d|re|ve|ll)\b
    | (?:Mr|Mrs|Ms|Dr|St)\. | (?:[^\W\d_]\.){2,}
    | \d+(?:[.,:]\d+)+
    | [^\W_]+(?:(?:['’](?!(?:s|m|d|re|ve|ll|t)\b)|-)[^\W_]+)*
    | \.{2,} | -{2,} | \S""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Token:
    """A token of a joined text, at [start, end)."""

    text: str
    start: int
    end: int


class JoinedLines:
    """Lines joined with single spaces, as `text`."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = " ".join(lines)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def locate(self, start: int, end: int) -> tuple[int, int, int] | None:
        """(line, start, end) of the span [start, end) of `text`; None if it crosses a border."""
        line = bisect_right(self._starts, start) - 1
        offset = self._starts[line]
        if end >= self._starts[line + 1]:
            return None
        return line, start - offset, end - offset


def sentences(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences, which may run over several lines; spaces between are in none."""
    spans = []
    start = 0
    for found in [*SENTENCE_BREAK.finditer(text), None]:
        end = len(text) if found is None else found.end()
        part = text[start:end]
        if part.strip():
            spans.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
        start = end
    return spans


def tokenize(text: str) -> list[list[Token]]:
    """Words, numbers and signs sentence by sentence, each sentence of at most MAX_TOKENS.

    Contractions come apart ("do", "n't"), hyphenated words do not: so is the text that taggers of
    English are trained on. The tokens hold every character but the spaces.
    """
    parts = []
    for start, end in sentences(text):
        tokens = [Token(m.group(), *m.span()) for m in TOKEN.finditer(text, start, end)]
        parts += [tokens[i : i + MAX_TOKENS] for i in range(0, len(tokens), MAX_TOKENS)]
    return parts
