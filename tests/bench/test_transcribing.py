from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.keying import Tints
from bench.transcribing import keys_to_correct, tints_of, work_on_line
from stages.pages.records import Hypothesis


@pytest.mark.parametrize(
    ("reading", "truth", "expected"),
    [
        ("the cat", "the cat", (0, 0)),
        ("the cat", "the cats", (1 + 1, 1)),  # End, s
        ("xhe cat", "the cat", (2, 1)),  # Delete, t
        ("one two xhree four five", "one two three four five", (2 + 2, 1)),  # two words on
        ("one txo three", "one two three", (1 + 1 + 2, 1)),  # a word and a character on
        ("", "new", (3, 1)),
    ],
)
def test_the_cheapest_way_is_counted(reading: str, truth: str, expected: tuple[int, int]) -> None:
    assert keys_to_correct(reading, truth) == expected


def test_another_reading_is_taken_where_that_is_cheaper() -> None:
    work = work_on_line(["tha cot sot", "the cat sat"], "the cat sat")
    assert (work.keys, work.corrections) == (1 + 1, 1)
    assert work.keys_from_nothing == len("the cat sat") + 1


@given(st.text("ab ", max_size=12), st.text("ab ", max_size=12))
def test_only_what_is_right_costs_nothing_and_each_character_too_many_or_few_a_key(
    reading: str, truth: str
) -> None:
    keys, corrections = keys_to_correct(reading, truth)
    assert (keys == 0) == (reading == truth) == (corrections == 0)
    assert keys >= abs(len(reading) - len(truth))


def test_wrong_characters_are_counted_by_whether_the_window_tints_them() -> None:
    odds = [1.0, 0.9, 1.0, 1.0, 1.0, 0.2]
    tokens = [{"text": text, "logprob": log(p)} for text, p in zip("a cot.", odds, strict=True)]
    reading = Hypothesis.model_validate({"text": "a cot.", "score": -0.1, "tokens": tokens})
    assert tints_of(reading, "a cat") == Tints(read=6, tinted=2, wrong=2, wrong_tinted=1)
    assert tints_of(reading, "a cot. so") == Tints(read=6, tinted=2, missing=3)
