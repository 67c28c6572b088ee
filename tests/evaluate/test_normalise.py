import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.normalise import normalise


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("\u201cIt\u2019s\u201d", '"It\'s"'),
        ("1990\u20132000 \u2014 long", "1990-2000 - long"),
        ("caf\u0065\u0301", "caf\u00e9"),
        ("  two\n lines\t\u00a0here ", "two lines here"),
        ("Case, and: punctuation!", "Case, and: punctuation!"),
    ],
)
def test_what_is_made_equal(written: str, compared: str) -> None:
    assert normalise(written) == compared


@given(st.text())
def test_twice_is_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_canonically_equivalent_texts_compare_equal(text: str) -> None:
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)
