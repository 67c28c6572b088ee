import pytest

from stages.correct.channel.slips import slips


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("government", "goverment"),
        ("because", "becouse"),
        ("receive", "recieve"),
        ("friend", "frend"),
        ("until", "untill"),
        ("across", "acros"),
        ("absence", "absense"),
        ("argument", "arguement"),
    ],
)
def test_what_learners_do_is_one_slip(word: str, written: str) -> None:
    assert slips(word, written) == (1, 0)


@pytest.mark.parametrize(
    ("word", "written"),
    [("walking", "malking"), ("people", "poople!"), ("river", "niver"), ("horse", "hourse")],
)
def test_what_a_reader_does_is_not(word: str, written: str) -> None:
    assert slips(word, written)[1] >= 1


def test_nothing_is_no_slip() -> None:
    assert slips("same", "same") == (0, 0)
