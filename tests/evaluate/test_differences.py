from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.differences import Piece, differences
from stages.evaluate.normalise import normalise

texts = st.text(max_size=30).map(normalise)


def test_missed_and_added_stand_where_they_differ() -> None:
    assert differences("a cat", "a bats") == [
        Piece("same", "a "),
        Piece("missed", "c"),
        Piece("added", "b"),
        Piece("same", "at"),
        Piece("added", "s"),
    ]


@given(texts, texts)
def test_the_pieces_give_both_texts_back(truth: str, reading: str) -> None:
    pieces = differences(truth, reading)
    assert "".join(p.text for p in pieces if p.kind != "added") == truth
    assert "".join(p.text for p in pieces if p.kind != "missed") == reading
