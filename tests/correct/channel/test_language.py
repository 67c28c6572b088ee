import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from symspellpy.editdistance import DamerauOsa
from wordfreq import word_frequency

from stages.correct.channel.language import LanguageModel, StringAlignment

WORDS = ("government", "berlin", "i", "it's", "don't", "the")


@pytest.fixture(scope="module")
def language() -> LanguageModel:
    return LanguageModel(20_000)


def test_words_are_known_and_misspellings_are_not(language: LanguageModel) -> None:
    assert [word for word in WORDS if word not in language] == []
    assert [w for w in ("goverment", "becouse", "importent", "t", "") if w in language] == []


def test_context_matters(language: LanguageModel) -> None:
    assert language.logprob("york", "new") > language.logprob("york", "green") + 3
    assert language.logprob("york", "qqq") == language.logprob("york")


def test_the_words_after_a_word_have_at_most_all_of_the_probability(
    language: LanguageModel,
) -> None:
    for previous in ("the", "was", "i", "very", "aardvark"):
        total = sum(math.exp(language.logprob(word, previous)) for word in language.words)
        assert 0.15 < total < 1.02


def test_near_words_come_by_frequency(language: LanguageModel) -> None:
    assert language.near("goverment")[0] == "government"
    assert "the" in language.near("thc")
    frequent = [language.logprob(word) for word in language.near("thc")]
    assert frequent == sorted(frequent, reverse=True)


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_distances_are_those_of_symspellpy(first: str, second: str, most: int) -> None:
    expected = DamerauOsa().distance(first, second, most)
    assert StringAlignment().distance(first, second, most) == expected


def test_frequencies_are_those_of_wordfreq(language: LanguageModel) -> None:
    for word in (*WORDS, "café", "mp3", "2nd", "e.g", "zymurgy", "qqqq"):
        if word in language:
            told = max(1e-9, word_frequency(word, "en"))
            assert language.logprob(word) == pytest.approx(math.log(told), abs=0.01)
