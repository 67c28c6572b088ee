from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.correct.corrector import Replacement
from stages.correct.gector_labels import (
    Block,
    Label,
    apply_labels,
    blocks_of,
    replacements,
    words,
)
from stages.correct.joined import JoinedLines, tokenize

VERBS = {("go", "VB_VBZ"): "goes"}
LABELS = [
    "$KEEP",
    "<OOV>",
    "$DELETE",
    "$APPEND_the",
    "$APPEND_,",
    "$APPEND_-",
    "$REPLACE_a",
    "$REPLACE_.",
    "$TRANSFORM_CASE_UPPER",
    "$TRANSFORM_SPLIT_HYPHEN",
    "$MERGE_SPACE",
    "$MERGE_HYPHEN",
]


def rebuilt(lines: Sequence[str], found: Sequence[Replacement]) -> list[str]:
    after = list(lines)
    for edit in reversed(found):
        line = after[edit.line]
        after[edit.line] = line[: edit.start] + edit.after + line[edit.end :]
    return after


def mended(lines: Sequence[str], *rounds: str) -> list[str]:
    """The lines (one sentence) after rounds of labels, $KEEP written as `_`, $START's first."""
    text = JoinedLines(lines)
    (sentence,) = tokenize(text.text)
    blocks = blocks_of(sentence)
    for labels in rounds:
        names = ["$KEEP" if name == "_" else f"${name}" for name in labels.split()]
        blocks = apply_labels(blocks, [Label(name) for name in names], VERBS, text)
    return rebuilt(lines, replacements(blocks, text))


@pytest.mark.parametrize(
    ("line", "labels", "after"),
    [
        ("He see  it.", "_ _ REPLACE_saw", "He saw  it."),
        ("I go school .", "_ _ APPEND_to", "I go to school ."),
        ("I like cats", "_ _ _ APPEND_.", "I like cats."),
        ("(cat)", "_ APPEND_the", "(the cat)"),
        ("cat sat", "APPEND_The", "The cat sat"),
        ("the the cat", "_ DELETE", "the cat"),
        ("a  the cat", "_ _ DELETE", "a  cat"),
        ("cats, and", "_ _ DELETE", "cats and"),
        ("He went to .", "_ _ _ DELETE", "He went."),
        ("He went to", "_ _ _ DELETE", "He went"),
        ("I do n't", "_ _ _ REPLACE_not", "I do not"),
        ("I don't", "_ _ _ REPLACE_not", "I do not"),
        ("It is", "_ _ REPLACE_'s", "It's"),
        ("cat and dog", "_ _ REPLACE_,", "cat, dog"),
        ('say "importent"', "_ _ _ REPLACE_important", 'say "important"'),
        ("i am", "_ TRANSFORM_CASE_CAPITAL", "I am"),
        ("uk iphone NOT", "_ TRANSFORM_CASE_UPPER _ TRANSFORM_CASE_LOWER", "UK iphone not"),
        ("the ipad", "_ _ TRANSFORM_CASE_CAPITAL_1", "the iPad"),
        ("two cat", "_ _ TRANSFORM_AGREEMENT_PLURAL", "two cats"),
        ("a cats", "_ _ TRANSFORM_AGREEMENT_SINGULAR", "a cat"),
        ("he go", "_ _ TRANSFORM_VERB_VB_VBZ", "he goes"),
        ("he come", "_ _ TRANSFORM_VERB_VB_VBZ", "he come"),
        ("a well-made bed", "_ _ TRANSFORM_SPLIT_HYPHEN", "a well made bed"),
        ("be cause of", "_ MERGE_SPACE", "because of"),
        ("ten year old", "_ MERGE_HYPHEN MERGE_HYPHEN", "ten-year-old"),
        ("ten year", "_ APPEND_-", "ten-year"),
        ("be x cause", "_ MERGE_SPACE DELETE", "because"),
        ("at the end", "_ _ _ MERGE_SPACE", "at the end"),
        ("what is it", "REPLACE_It DELETE <OOV>", "is it"),
    ],
)
def test_what_each_label_does(line: str, labels: str, after: str) -> None:
    assert mended([line], labels) == [after]


def test_labels_of_several_rounds_come_together() -> None:
    lines = ["A ten years old boy go school"]
    first = "_ _ APPEND_- TRANSFORM_AGREEMENT_SINGULAR _ _ TRANSFORM_VERB_VB_VBZ"
    second = "_ _ _ _ _ _ _ APPEND_to"
    third = "_ _ _ _ APPEND_-"
    assert mended(lines, first, second, third) == ["A ten-year-old boy goes to school"]


def test_no_edit_crosses_a_line() -> None:
    lines = ["it is be", "cause of", "the", "rain"]
    assert mended(lines, "_ _ _ MERGE_SPACE") == lines
    assert mended(lines, "_ _ _ APPEND_so") == ["it is be so", "cause of", "the", "rain"]
    assert mended(lines, "_ _ _ DELETE DELETE _ DELETE") == ["it is", "of", "", "rain"]
    assert mended(lines, "_ _ _ APPEND_-") == ["it is be-", "cause of", "the", "rain"]


def test_an_edit_tells_its_labels_and_the_least_probability() -> None:
    text = JoinedLines(["He go school"])
    (sentence,) = tokenize(text.text)
    blocks = blocks_of(sentence)
    keep = Label("$KEEP")
    verb = Label("$TRANSFORM_VERB_VB_VBZ", 0.8)
    blocks = apply_labels(blocks, [keep, keep, verb], VERBS, text)
    blocks = apply_labels(blocks, [keep, keep, Label("$APPEND_to", 0.71239)], VERBS, text)
    reason = "$TRANSFORM_VERB_VB_VBZ $APPEND_to"
    assert replacements(blocks, text) == [Replacement(0, 3, 5, "goes to", reason, 0.712)]


LINES = st.lists(
    st.lists(st.sampled_from(["go", "x-y", "don't", ",", "cat.", "(", '"a"']), max_size=5).map(
        " ".join
    ),
    max_size=4,
)


@given(LINES, st.data())
def test_the_lines_say_what_the_blocks_say(lines: list[str], data: st.DataObject) -> None:
    """Whatever the labels: nothing lost, nothing crossing a line, nothing else touched."""
    text = JoinedLines(lines)
    found: list[Replacement] = []
    said = ""
    for sentence in tokenize(text.text):
        blocks: list[Block] = blocks_of(sentence)
        for _ in range(2):
            count = len(words(blocks))
            names = data.draw(st.lists(st.sampled_from(LABELS), max_size=count))
            blocks = apply_labels(blocks, [Label(name) for name in names], VERBS, text)
        said += "".join(words(blocks)[1:])
        found += replacements(blocks, text)
    assert "".join("".join(rebuilt(lines, found)).split()) == said
    for one, other in pairwise(found):
        assert (one.line, one.end) <= (other.line, other.start)


@given(LINES)
def test_nothing_to_mend_changes_nothing(lines: list[str]) -> None:
    text = JoinedLines(lines)
    for sentence in tokenize(text.text):
        blocks = apply_labels(blocks_of(sentence), [], VERBS, text)
        assert replacements(blocks, text) == []
