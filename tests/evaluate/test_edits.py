import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.edits import (
    GRAPHEME,
    Errors,
    bag_of_words_errors,
    character_errors,
    graphemes,
    word_errors,
)
from stages.evaluate.normalise import normalise

ascii_texts = st.text(st.sampled_from("ab c'."), max_size=20).map(normalise)
texts = st.text(max_size=20).map(normalise)


def test_errors_worked_by_hand() -> None:
    assert character_errors("kitten", "sitting") == Errors(2, 0, 1, 6)
    assert word_errors("the cat sat down", "the cut sat") == Errors(1, 1, 0, 4)


def test_the_parts_sum_to_the_rate() -> None:
    errors = Errors(substitutions=1, deletions=2, insertions=5, length=4)
    assert errors.parts() == {"substitutions": 0.25, "deletions": 0.5, "insertions": 1.25}
    assert errors.rate == 2


def test_a_rate_can_exceed_one_and_needs_a_reference() -> None:
    assert word_errors("one", "not one word of it").rate == 4
    assert character_errors("", "abc") == Errors(insertions=3)
    assert character_errors("", "abc").rate is None
    assert set(character_errors("", "abc").parts().values()) == {None}


@pytest.mark.parametrize("cluster", ["q\u0303", "\U0001f469\u200d\U0001f52c", "\u1100\u1161\u11a8"])
def test_a_cluster_of_several_code_points_is_one_character(cluster: str) -> None:
    assert graphemes(f"a{cluster}b") == ["a", cluster, "b"]
    assert character_errors(cluster, "x") == Errors(substitutions=1, length=1)


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_divided_as_unicode_says(text: str) -> None:
    assert graphemes(text) == GRAPHEME.findall(text)
    assert graphemes("a\r\nb") == ["a", "\r\n", "b"]


@given(texts.filter(bool))
def test_a_perfect_reading_has_no_errors(text: str) -> None:
    assert character_errors(text, text).rate == 0
    assert word_errors(text, text).rate == 0
    assert bag_of_words_errors(text, text).rate == 0


@given(ascii_texts.filter(bool), ascii_texts)
def test_each_kind_of_edit_is_jiwers(reference: str, hypothesis: str) -> None:
    for ours, theirs in (
        (character_errors(reference, hypothesis), jiwer.process_characters(reference, hypothesis)),
        (word_errors(reference, hypothesis), jiwer.process_words(reference, hypothesis)),
    ):
        counts = theirs.substitutions, theirs.deletions, theirs.insertions
        assert (ours.substitutions, ours.deletions, ours.insertions) == counts
        assert ours.length == theirs.hits + theirs.substitutions + theirs.deletions


@given(st.lists(st.tuples(ascii_texts.filter(bool), ascii_texts), min_size=1, max_size=4))
def test_pooled_rates_are_jiwers_over_all_texts(pairs: list[tuple[str, str]]) -> None:
    references, hypotheses = map(list, zip(*pairs, strict=True))
    characters = sum((character_errors(*pair) for pair in pairs), Errors())
    words = sum((word_errors(*pair) for pair in pairs), Errors())
    assert characters.rate == pytest.approx(jiwer.cer(references, hypotheses), abs=1e-6)
    assert words.rate == pytest.approx(jiwer.wer(references, hypotheses), abs=1e-6)


def test_words_in_another_order_cost_the_bag_nothing() -> None:
    assert bag_of_words_errors("a b c d", "c d a b").rate == 0
    assert word_errors("a b c d", "c d a b").rate == 1
    assert bag_of_words_errors("a a b", "a c") == Errors(1, 1, 0, 3)
    assert bag_of_words_errors("a", "a b b") == Errors(0, 0, 2, 1)


@given(ascii_texts, ascii_texts)
def test_the_bag_is_at_most_the_word_errors_and_follows_the_papers_formula(
    reference: str, hypothesis: str
) -> None:
    bag = bag_of_words_errors(reference, hypothesis)
    assert bag.edits <= word_errors(reference, hypothesis).edits
    x, y = reference.split(), hypothesis.split()
    counts = sum(abs(x.count(v) - y.count(v)) for v in {*x, *y})
    assert 2 * bag.edits == abs(len(x) - len(y)) + counts
