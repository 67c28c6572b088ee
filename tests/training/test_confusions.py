from collections import Counter

import pytest

from stages.correct.confusions import MOST, confusions
from training.confusions import as_table, count


def test_edits_are_counted_from_read_to_written() -> None:
    edits = count([("cot", "cat"), ("oat", "at"), ("ra n", "rain"), ("same", "same")])
    assert edits == Counter({("o", "a"): 1, ("o", ""): 1, (" ", "i"): 1})
    assert count([("ct", "cat")]) == Counter({("", "a"): 1})
    assert as_table(edits) == {" ": {"i": 1}, "o": {"": 1, "a": 1}}


def test_what_is_often_confused_has_better_odds() -> None:
    row = confusions("o")
    assert row.listed["a"] > 1
    assert row.others < 0
    assert max(row.listed.values()) <= MOST
    assert confusions("").listed[" "] > 0


def test_a_character_never_misread_tells_nothing() -> None:
    row = confusions("\N{SNOWMAN}")
    assert (row.listed, row.others) == ({}, pytest.approx(0.0))
