"""Words that a writer divided at the end of a line.

The rule: where a line ends with a letter and a hyphen and the next begins with a small letter, the
two are one word. The hyphen goes, unless it can only be the word's own: both halves are in the
dictionary and the two without it are not ("well-" and "known").
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from stages.lexicon import is_known

# What is marked as unreadable in a transcription stands for letters.
DIVIDED = re.compile(r"((?:[^\W\d_]|\[\?\])+)[-\u2010\u2011\u2013\u00ad]\s*$")
CONTINUED = re.compile(r"\s*((?:[^\W\d_]|\[\?\])+)")


def join_lines(lines: Sequence[str]) -> str:
    """The lines as one text: divided words whole, a space between all others."""
    text = ""
    for line in filter(None, lines):
        if found := _divided(text, line):
            head, tail = found
            hyphen = "-" if _is_compound(head.group(1), tail.group(1)) else ""
            text = text[: head.end(1)] + hyphen + line[tail.start(1) :]
        else:
            text = f"{text} {line}" if text else line
    return text


def halves(lines: Sequence[str]) -> set[tuple[int, int]]:
    """Where the tokens begin that are halves of divided words: (line from 0, character)."""
    found = set()
    filled = [number for number, line in enumerate(lines) if line]
    for above, below in pairwise(filled):
        if divided := _divided(lines[above], lines[below]):
            head, tail = divided
            token = re.search(r"\S*$", lines[above][: head.start()])
            found.add((above, token.start() if token else 0))
            found.add((below, tail.start(1)))
    return found


def _divided(above: str, below: str) -> tuple[re.Match[str], re.Match[str]] | None:
    head, tail = DIVIDED.search(above), CONTINUED.match(below)
    small = tail and (tail.group(1)[0].islower() or tail.group(1).startswith("[?]"))
    return (head, tail) if head and tail and small else None


def _is_compound(head: str, tail: str) -> bool:
    head, tail = head.lower(), tail.lower()
    return is_known(head) and is_known(tail) and not is_known(head + tail)
