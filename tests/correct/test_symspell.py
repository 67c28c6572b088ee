import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import top_n_list

from stages.config.correct_settings import SymSpellSettings
from stages.correct.corrector import TextLine, correct_text
from stages.correct.symspell import SymSpellCorrector

SETTINGS = SymSpellSettings(
    frequencies="wordfreq",
    max_edit_distance=2,
    min_length=4,
    known_words=20_000,
    joins_and_splits=False,
)
CORRECTOR = SymSpellCorrector(SETTINGS)
KNOWN = [word for word in top_n_list("en", 20_000) if word.isalpha() and word.isascii()]


def corrected(*lines: str, corrector: SymSpellCorrector = CORRECTOR) -> list[str]:
    return correct_text([TextLine(line) for line in lines], [corrector]).corrected


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("the goverment should", "the government should"),
        ("However, peaple who work", "However, people who work"),
        ("Goverments must", "Governments must"),
        ("it costs 15 dolars.", "it costs 15 dollars."),
        ('he said "importamt"  twice', 'he said "important"  twice'),
    ],
)
def test_unknown_words_are_mended_in_place(line: str, mended: str) -> None:
    assert corrected(line) == [mended]


@pytest.mark.parametrize(
    "line",
    [
        "In 1496 Mr. D. Lloyd went to Zermott Street.",
        "the BBCC and UNNESCO report",
        "a xqz b2b 40kgs e-mial 3rd",
    ],
)
def test_names_numbers_capitals_and_short_words_stay(line: str) -> None:
    assert corrected(line) == [line]


def test_a_name_at_the_start_of_a_continued_line_stays() -> None:
    assert corrected("we went to", "Zermottt again") == ["we went to", "Zermottt again"]
    assert corrected("We left.", "Goverment is") == ["We left.", "Government is"]


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=12))
def test_known_words_are_never_touched(words: list[str]) -> None:
    assert corrected(" ".join(words)) == [" ".join(words)]


@given(st.text(st.sampled_from("abcdeimnort ,.;!?'\"0123456789-()\n"), max_size=60))
def test_everything_but_letters_stays(line: str) -> None:
    (after,) = corrected(line)
    assert re.sub(r"[a-z']+", "a", after) == re.sub(r"[a-z']+", "a", line)


@pytest.fixture(scope="module")
def joining() -> SymSpellCorrector:
    changes = {"joins_and_splits": True, "max_edit_distance": 1}
    return SymSpellCorrector(SETTINGS.model_copy(update=changes))


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("the gover nment must", "the government must"),
        ("ev erybody, there", "everybody, there"),
        ("Gover nment must", "Government must"),
        ("manypeople think", "many people think"),
        ("Manypeople think", "Many people think"),
        ("they some body saw", "they some body saw"),
        ("the Gover Nment must", "the Gover Nment must"),
        ("go  vernment", "go  vernment"),
    ],
)
def test_words_are_joined_and_divided(line: str, mended: str, joining: SymSpellCorrector) -> None:
    assert corrected(line, corrector=joining) == [mended]
    assert "manypeople" in corrected("manypeople")[0]


def test_its_own_dictionary_knows_no_common_misspelling() -> None:
    changes = {"frequencies": "symspell", "known_words": 500_000}
    own = SymSpellCorrector(SETTINGS.model_copy(update=changes))
    assert corrected("the recieved goverment", corrector=own) == ["the received government"]
