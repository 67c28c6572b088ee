import math

import pytest

from stages.correct.channel.candidates import Token, candidates, tokens
from stages.correct.channel.language import LanguageModel
from stages.correct.corrector import TextLine
from stages.correct.evidence import Evidence
from tests.correct.readings import read_line


@pytest.fixture(scope="module")
def language() -> LanguageModel:
    return LanguageModel(20_000)


def of(line: TextLine, language: LanguageModel) -> dict[str, float]:
    """The candidates of the line's first token."""
    evidence = Evidence(line.text, line.hypotheses)
    return candidates(evidence, tokens(line.text, line.hypotheses)[0], language)


def test_tokens_face_those_of_other_hypotheses() -> None:
    line = read_line("he walks home", {}, "he malks home", "he walks horne")
    assert tokens(line.text, line.hypotheses) == [
        Token(0, 2),
        Token(3, 8, ("malks",)),
        Token(9, 13, ("horne",)),
    ]


def test_a_sure_known_word_has_no_rival(language: LanguageModel) -> None:
    assert of(read_line("house is"), language) == {"house": 0.0}


def test_an_alternative_replaces_is_put_before_or_closes_up(language: LanguageModel) -> None:
    found = of(read_line("cat", {1: {"u": 0.1, "t": 0.2}}), language)
    assert found["cut"] == found["cuat"] == pytest.approx(math.log(0.1 / 0.7))
    assert found["ct"] == pytest.approx(math.log(0.2 / 0.7))


def test_a_space_divides(language: LanguageModel) -> None:
    found = of(read_line("in-the", {2: {" ": 0.1}}), language)
    assert found["in the"] == pytest.approx(math.log(0.1 / 0.9))


def test_a_mark_left_out_at_the_end(language: LanguageModel) -> None:
    found = of(read_line("house", {5: {".": 0.2}}), language)
    assert found["house."] == pytest.approx(math.log(0.2 / 0.8))


def test_dictionary_words_near_a_non_word_keep_its_marks_and_capital(
    language: LanguageModel,
) -> None:
    assert '"Walking,' in of(read_line('"Malking,', {1: {"N": 0.05}}), language)


def test_a_non_word_read_without_any_doubt_has_no_rival(language: LanguageModel) -> None:
    for text in ("Althought,", "lonly.", "importants"):
        assert of(read_line(text), language) == {text: 0.0}
    doubted = read_line("lonly.", {}, "louly.")
    assert "only." in of(doubted, language)


@pytest.mark.parametrize("text", ["1496", "3rd", "b2b"])
def test_numbers_stay(language: LanguageModel, text: str) -> None:
    assert of(read_line(text, {0: {"s": 0.4}}), language) == {text: 0.0}


def test_nothing_becomes_a_number(language: LanguageModel) -> None:
    found = of(read_line("lo", {0: {"1": 0.4}, 1: {"0": 0.4}}), language)
    assert not any(character.isdigit() for other in found for character in other)
