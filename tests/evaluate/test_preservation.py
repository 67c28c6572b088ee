import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.evaluate.normalise import normalise
from stages.evaluate.preservation import Fates, nonwords, preservation
from stages.lexicon import is_known

essays = st.lists(st.sampled_from(["the", "goverment", "becouse,", "a", "taxs."]), max_size=8)


def _words(text: str) -> list[str]:
    return [text.split()[index] for index in nonwords(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In my country many famillys is throwing", ["famillys"]),
        ("on it. Goverment must", ["Goverment"]),
        ("uncle Tomaz and the WHOO", []),
        ("my teacher Mrs. Aminah say", []),
        ('they say "becouse it\'s cheap"', ['"becouse']),
        ("the childrens's 40% don't 3rd so-caled xq", ["childrens's"]),
        ("", []),
    ],
)
def test_what_counts_as_a_non_word(text: str, expected: list[str]) -> None:
    assert _words(text) == expected


def test_common_misspellings_are_unknown_and_ordinary_words_known() -> None:
    wrong = ["goverment", "belive", "noone", "recieve", "wich", "alot", "taxs", "childrens"]
    right = ["tenors", "trebled", "breads", "writer's", "don't", "colour", "email"]
    assert [word for word in wrong if is_known(word)] == []
    assert [word for word in right if not is_known(word)] == []


@pytest.mark.parametrize(
    ("reading", "fates"),
    [
        ("the goverment pays taxs.", Fates(kept=2)),
        ("The Goverment pays taxs", Fates(kept=2)),
        ("the government pays tax", Fates(corrected=2)),
        ("the goverrmt pays taks", Fates(lost=2)),
        ("the pays", Fates(lost=2)),
        ("the go pays tape", Fates(corrected=1, lost=1)),
        ("", Fates(lost=2)),
        ("and now, they say, the goverment pays some taxs", Fates(kept=2)),
    ],
)
def test_fates_worked_by_hand(reading: str, fates: Fates) -> None:
    assert preservation("the goverment pays taxs.", reading) == fates


def test_shares() -> None:
    assert Fates(kept=1, lost=1).shares() == {"kept": 0.5, "corrected": 0, "lost": 0.5}
    assert set(Fates().shares().values()) == {None}


@settings(deadline=None)
@given(essays, essays)
def test_every_non_word_has_one_fate(truth: list[str], reading: list[str]) -> None:
    text = normalise(" ".join(truth))
    assert preservation(text, " ".join(reading)).count == len(nonwords(text))
    assert preservation(text, text) == Fates(kept=len(nonwords(text)))
