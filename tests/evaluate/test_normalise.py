import hashlib
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.normalise import NAME, VARIANTS, caseless, normalise, without_punctuation


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


@pytest.mark.parametrize("form", [normalise, *VARIANTS.values()])
@given(st.text())
def test_twice_is_once(form: Callable[[str], str], text: str) -> None:
    assert form(form(text)) == form(text) == normalise(form(text))


@given(st.text())
def test_canonically_equivalent_texts_compare_equal(text: str) -> None:
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)


def test_the_variants_forgive_one_thing_each() -> None:
    text = "\u201cDon\u2019t\u201d \u2013 he PAID $5, 40%!"
    assert caseless(text) == '"don\'t" - he paid $5, 40%!'
    assert without_punctuation(text) == "Dont he PAID $5 40"


@given(st.text())
def test_case_is_nothing_to_caseless(text: str) -> None:
    assert caseless(text.casefold()) == caseless(text)


@given(st.text())
def test_no_punctuation_is_left(text: str) -> None:
    assert not any(unicodedata.category(c).startswith("P") for c in without_punctuation(text))


def test_another_form_needs_another_name() -> None:
    """What is compared under a name never changes, in Unicode's first two planes."""
    characters = [chr(k) for k in range(0x20000) if not 0xD800 <= k < 0xE000]
    forms = [normalise, caseless, without_punctuation]
    digest = hashlib.sha256()
    for form in forms:
        digest.update("\n".join(form(f"a{character}b") for character in characters).encode())
    assert {NAME: digest.hexdigest()[:16]} == {"nfc-ascii-marks-1": "8d0b769ae7e9f220"}
