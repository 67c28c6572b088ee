from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from stages.evaluate.alignment import Pairing, align

lists = st.lists(st.text("ab", max_size=4), max_size=4)


def _cost(pairing: Pairing, first: list[str], second: list[str]) -> int:
    return sum(
        Levenshtein.distance("" if i is None else first[i], "" if j is None else second[j])
        for i, j in pairing
    )


def _least(first: list[str], second: list[str]) -> int:
    """The least cost by trying every order-keeping pairing."""
    if not first or not second:
        return sum(map(len, first + second))
    return min(
        _least(first[1:], second[1:]) + Levenshtein.distance(first[0], second[0]),
        _least(first[1:], second) + len(first[0]),
        _least(first, second[1:]) + len(second[0]),
    )


def test_worked_by_hand() -> None:
    assert align(["one", "two", "three"], ["on", "tree"]) == [(0, 0), (1, None), (2, 1)]
    assert align(["one"], ["noise", "one"]) == [(None, 0), (0, 1)]
    assert align([], ["a"]) == [(None, 0)]


@given(lists, lists)
def test_nothing_is_cheaper_and_all_texts_stand_in_order(
    first: list[str], second: list[str]
) -> None:
    pairing = align(first, second)
    assert [i for i, _ in pairing if i is not None] == list(range(len(first)))
    assert [j for _, j in pairing if j is not None] == list(range(len(second)))
    assert _cost(pairing, first, second) == _least(first, second)
