import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.fonts import PRINTABLE
from training.misspelling import misspell, pseudo_word
from training.pen import transcription
from training.text import (
    BLOCKED_STEMS,
    LONGEST,
    SHORTEST,
    is_clean,
    misspelt_line,
    sample_line,
)

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_lines_hold_their_length_and_characters(seed: int) -> None:
    line = sample_line(np.random.default_rng(seed))
    kept = transcription(line.text, line.struck)
    assert SHORTEST <= len(kept) <= LONGEST
    assert set(line.text) <= set(PRINTABLE)
    assert line.text == " ".join(line.text.split())
    assert all(0 <= index < len(line.text.split(" ")) for index in line.struck)


def test_lines_are_of_real_length_and_mixed_content() -> None:
    rng = np.random.default_rng(0)
    lines = [sample_line(rng) for _ in range(2000)]
    lengths = np.array([len(transcription(line.text, line.struck)) for line in lines])
    assert 0.5 < np.mean((lengths >= 35) & (lengths <= 62)) < 0.9
    assert np.mean(lengths < 20) > 0.02
    written = "".join(line.text for line in lines)
    assert set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,;:!?'\"()-$%"
    ) <= set(written)
    assert 0.03 < np.mean([bool(line.struck) for line in lines]) < 0.2


def test_no_offensive_word_is_written() -> None:
    rng = np.random.default_rng(1)
    for _ in range(3000):
        words = sample_line(rng).text.split(" ")
        assert all(is_clean(word) for word in words)


@pytest.mark.parametrize("stem", BLOCKED_STEMS)
def test_every_blocked_stem_is_recognised_in_any_case(stem: str) -> None:
    assert not is_clean(stem.strip("_").upper())


@pytest.mark.parametrize(
    "word", ["class", "analysis", "skills", "opening", "shell", "basement", "grape"]
)
def test_harmless_words_are_not_blocked(word: str) -> None:
    assert is_clean(word)


@settings(deadline=None)
@given(SEEDS, st.from_regex(r"[A-Za-z]{4,14}", fullmatch=True))
def test_a_misspelling_is_printable_and_near_its_word(seed: int, word: str) -> None:
    wrong = misspell(word, np.random.default_rng(seed))
    assert abs(len(wrong) - len(word)) <= 2
    assert wrong != word or len(set(word)) == 1
    assert set(wrong) <= set(PRINTABLE)


@pytest.mark.parametrize("token", ["the", "1984", "$276", "12:30"])
def test_short_words_and_numbers_are_not_misspelt(token: str) -> None:
    assert {misspell(token, np.random.default_rng(seed)) for seed in range(30)} == {token}


def test_common_words_are_misspelt() -> None:
    wrong = {misspell("received", np.random.default_rng(seed)) for seed in range(200)}
    assert "received" not in wrong
    assert {"recieved", "recived"} <= wrong


@settings(deadline=None)
@given(SEEDS)
def test_a_misspelt_line_tells_what_was_meant(seed: int) -> None:
    text, originals = misspelt_line(np.random.default_rng(seed))
    words = text.split(" ")
    assert originals
    assert all(words[index] != right for index, right in originals.items())


def test_pseudo_words_vary() -> None:
    rng = np.random.default_rng(0)
    assert len({pseudo_word(rng) for _ in range(200)}) > 150
