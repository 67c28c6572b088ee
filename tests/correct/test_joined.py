from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.correct.joined import MAX_TOKENS, JoinedLines, sentences, tokenize

LINES = st.lists(st.text(st.sampled_from("aB1 .,'-’\"?_"), max_size=12), max_size=5)


@given(LINES, st.data())
def test_every_span_within_a_line_is_found_there_and_no_other(
    lines: list[str], data: st.DataObject
) -> None:
    joined = JoinedLines(lines)
    start = data.draw(st.integers(0, len(joined.text)))
    end = data.draw(st.integers(start, len(joined.text)))
    place = joined.locate(start, end) if lines else None
    if place is None:
        assert not lines or any(
            start <= border < end
            for border in (len(" ".join(lines[:n])) for n in range(1, len(lines)))
        )
    else:
        line, first, last = place
        assert 0 <= first <= last <= len(lines[line])
        assert lines[line][first:last] == joined.text[start:end]


@given(LINES)
def test_tokens_hold_all_but_the_spaces_in_order(lines: list[str]) -> None:
    text = " ".join(lines)
    tokens = [token for sentence in tokenize(text) for token in sentence]
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert "".join(token.text for token in tokens) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I don't, can’t", "I do n't , ca n’t"),
        ("the cat's well-known o'clock", "the cat 's well-known o'clock"),
        ("$1,000.50 (10%) at 5.30...", "$ 1,000.50 ( 10 % ) at 5.30 ..."),
        ("Mr. Smith of the U.S. left", "Mr. Smith of the U.S. left"),
    ],
)
def test_words_numbers_and_signs(text: str, tokens: str) -> None:
    (sentence,) = tokenize(text)
    assert [token.text for token in sentence] == tokens.split()


def test_sentences_end_at_signs_before_no_small_letter() -> None:
    text = ' One is "it." Two e.g. this?  Mr. X came'
    assert [text[start:end] for start, end in sentences(text)] == [
        'One is "it."',
        "Two e.g. this?",
        "Mr. X came",
    ]


def test_a_text_without_signs_is_cut() -> None:
    assert [len(part) for part in tokenize("word " * (2 * MAX_TOKENS + 1))] == [
        MAX_TOKENS,
        MAX_TOKENS,
        1,
    ]
