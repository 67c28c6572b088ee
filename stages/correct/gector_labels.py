"""GECToR's labels as edits of a text: Omelianchuk et al. 2020, "GECToR: Tag, Not Rewrite".

A label stands on a token and says what becomes of it; what a label adds stays with the tokens it
came from, so that the last of several rounds of labels still knows its place in the text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from stages.correct.corrector import Replacement
from stages.correct.joined import JoinedLines, Token

KEEP = "$KEEP"
START = "$START"
VERB = "$TRANSFORM_VERB_"
GLUE = {"$MERGE_SPACE": "", "$MERGE_HYPHEN": "-"}
TRANSFORMS: Mapping[str, Callable[[str], list[str]]] = {
    "$DELETE": lambda word: [],
    "$TRANSFORM_CASE_LOWER": lambda word: [word.lower()],
    "$TRANSFORM_CASE_UPPER": lambda word: [word.upper()],
    "$TRANSFORM_CASE_CAPITAL": lambda word: [word.capitalize()],
    "$TRANSFORM_CASE_CAPITAL_1": lambda word: [word[:1] + word[1:].capitalize()],
    "$TRANSFORM_AGREEMENT_PLURAL": lambda word: [word + "s"],
    "$TRANSFORM_AGREEMENT_SINGULAR": lambda word: [word[:-1] or word],
    "$TRANSFORM_SPLIT_HYPHEN": lambda word: [part for part in word.split("-") if part] or [word],
}

CLOSING = frozenset([*",.;:!?%)]}-", "..."])
OPENING = frozenset("([{-$£€")
CONTRACTIONS = frozenset(["n't", "'s", "'m", "'d", "'re", "'ve", "'ll"])

VerbForms = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Label:
    """A token's label and the model's probability of it."""

    name: str
    probability: float = 1.0


@dataclass
class Block:
    """What stands in place of [start, end) of the joined text: its tokens, none once deleted.

    The first block of a sentence is empty, at its beginning; `labels` are those applied so far,
    `score` the least of their probabilities.
    """

    start: int
    end: int
    tokens: list[str]
    labels: list[str] = field(default_factory=list)
    score: float = 1.0

    def mark(self, label: Label) -> None:
        """Note that a label changed this block."""
        self.labels.append(label.name)
        self.score = min(self.score, label.probability)


def blocks_of(sentence: Sequence[Token]) -> list[Block]:
    """A sentence (not empty) before any label: the beginning, then a block for each token."""
    start = sentence[0].start
    return [
        Block(start, start, []),
        *(Block(token.start, token.end, [token.text]) for token in sentence),
    ]


def words(blocks: Sequence[Block]) -> list[str]:
    """The tokens as the model is to see them: $START, then all that stand in the blocks."""
    return [START, *(token for block in blocks for token in block.tokens)]


def apply_labels(
    blocks: Sequence[Block], labels: Sequence[Label], verbs: VerbForms, text: JoinedLines
) -> list[Block]:
    """The blocks after one round of labels.

    Args:
        labels: one for each of `words(blocks)`; those that are missing at the end count as $KEEP.
        verbs: (word, "VB_VBZ") to the word's other form; a form not in it is kept as it is.
        text: a merge over a border of its lines is left out.
    """
    given = iter(labels)
    keep = Label(KEEP)
    first = next(given, keep)
    done: list[Block] = []
    merge: Label | None = None
    for number, block in enumerate(blocks):
        done.append(Block(block.start, block.end, [], [*block.labels], block.score))
        if number == 0 and first.name.startswith("$APPEND_"):
            done[-1].tokens.append(first.name.removeprefix("$APPEND_"))
            done[-1].mark(first)
        for token in block.tokens:
            label = next(given, keep)
            changed = transform(token, label.name, verbs)
            if changed != [token]:
                done[-1].mark(label)
            for piece in changed:
                if merge is None or not _merge(done, piece, merge, text):
                    done[-1].tokens.append(piece)
                merge = None
            if label.name in GLUE:
                merge = label
    return done


def transform(word: str, label: str, verbs: VerbForms) -> list[str]:
    """What a label makes of a word; merges and labels that do not apply leave it as it is."""
    if label in TRANSFORMS:
        return TRANSFORMS[label](word)
    if label.startswith("$REPLACE_"):
        return [label.removeprefix("$REPLACE_")]
    if label.startswith("$APPEND_"):
        return [word, label.removeprefix("$APPEND_")]
    if label.startswith(VERB):
        return [verbs.get((word, label.removeprefix(VERB)), word)]
    return [word]


def _merge(done: list[Block], piece: str, label: Label, text: JoinedLines) -> bool:
    """Join `piece` of the last block to the token before it, and their blocks to one."""
    left = max(i for i, block in enumerate(done) if block.tokens)
    if text.locate(done[left].start, done[-1].end) is None:
        return False
    joined = done[left]
    joined.tokens[-1] += GLUE[label.name] + piece
    for block in done[left + 1 :]:
        joined.end = block.end
        joined.labels += block.labels
        joined.score = min(joined.score, block.score)
    del done[left + 1 :]
    joined.mark(label)
    return True


def replacements(blocks: Sequence[Block], text: JoinedLines) -> list[Replacement]:
    """The edits that turn a sentence's place in the lines into what its blocks say.

    Spaces stay as they are except where a change needs one more or one less; an edit never
    crosses a border of lines, nor changes the spaces there. The reason names the labels, the score
    is the least of their probabilities.
    """
    found = []
    for _, line in groupby(blocks, key=lambda block: _place(text, block.start, block.end)[0]):
        edits: list[_Change] = []
        for edit in _changes(list(line), text.text):
            if edits and edits[-1].end == edit.start:
                edits[-1] = edits[-1].with_next(edit)
            else:
                edits.append(edit)
        for edit in edits:
            reason = " ".join(dict.fromkeys(edit.labels))
            place = _place(text, edit.start, edit.end)
            found.append(Replacement(*place, edit.after, reason, round(edit.score, 3)))
    return found


def _place(text: JoinedLines, start: int, end: int) -> tuple[int, int, int]:
    place = text.locate(start, end)
    assert place is not None
    return place


@dataclass(frozen=True)
class _Change:
    start: int
    end: int
    after: str
    labels: list[str]
    score: float

    def with_next(self, other: "_Change") -> "_Change":
        score = min(self.score, other.score)
        labels = self.labels + other.labels
        return _Change(self.start, other.end, self.after + other.after, labels, score)


def _changes(line: Sequence[Block], text: str) -> list[_Change]:
    """The changes of blocks and of what lies between them, on one line, in order."""
    changes: list[_Change] = []
    before: Block | None = None
    deleted: list[Block] = []
    for block in line:
        if not block.tokens:
            deleted += [block] if block.start < block.end else []
            continue
        changes += _between(before, deleted, block, text) + _within(block, text)
        before, deleted = block, []
    return changes + _between(before, deleted, None, text)


def _within(block: Block, text: str) -> list[_Change]:
    old = text[block.start : block.end]
    after = block.tokens[0]
    for left, right in pairwise(block.tokens):
        after += " " * _spaced(left, right) + right
    if after == old:
        return []
    kept = len(old) if block.tokens[0] == old else 0
    return [_Change(block.start + kept, block.end, after[kept:], block.labels, block.score)]


def _between(
    before: Block | None, deleted: Sequence[Block], after: Block | None, text: str
) -> list[_Change]:
    """The change of what lies between two blocks: deleted tokens, and spaces."""
    if not deleted and (before is None or after is None):
        return []
    start = before.end if before else deleted[0].start
    end = after.start if after else deleted[-1].end
    old = text[start:end]
    new = _gap(before, deleted, after, text) if before and after else ""
    if new == old:
        return []
    kept = len(new) if new and old.startswith(new) else 0
    labels = [label for block in deleted for label in block.labels]
    score = min((block.score for block in deleted), default=1.0)
    return [_Change(start + kept, end, new[kept:], labels, score)]


def _gap(before: Block, deleted: Sequence[Block], after: Block, text: str) -> str:
    """The spaces between two blocks: as they were, unless one is now needed or out of place."""
    needed = _spaced(before.tokens[-1], after.tokens[0])
    if deleted:
        first = text[deleted[0].start : deleted[0].end]
        sign = first in CLOSING or first.lower() in CONTRACTIONS
        old = text[deleted[-1].end : after.start] if sign else text[before.end : deleted[0].start]
        return (old or " ") if needed else ""
    old = text[before.end : after.start]
    was = (
        before.start < before.end
        and after.start < after.end
        and _spaced(_last(before, text), text[after.start : after.end])
    )
    if needed == was:
        return old
    return (old or " ") if needed else ""


def _last(block: Block, text: str) -> str:
    return text[block.start : block.end].rsplit(maxsplit=1)[-1]


def _spaced(left: str, right: str) -> bool:
    """Whether a space stands between two tokens in written English."""
    return not (
        right in CLOSING or left in OPENING or right.lower().replace("’", "'") in CONTRACTIONS
    )
