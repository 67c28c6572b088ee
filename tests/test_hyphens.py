import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.hyphens import join_lines


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["the govern-", "ment must"], "the government must"),
        (["the goverm-", "ent must"], "the goverment must"),
        (["a well-", "known man"], "a well-known man"),
        (["it is im-", "portent, I think"], "it is importent, I think"),
        (["in Stoke-", "On-Trent"], "in Stoke- On-Trent"),
        (["from 1990-", "2000"], "from 1990- 2000"),
        (["he came -", "at last"], "he came - at last"),
        (["one", "", "two-", "three"], "one two-three"),
        (["a con-", "", "clusion"], "a conclusion"),
        (["in-ter-", "natonal"], "in-ternatonal"),
        ([], ""),
    ],
)
def test_divided_words_are_made_whole(lines: list[str], text: str) -> None:
    assert join_lines(lines) == text


@given(st.lists(st.text(st.sampled_from("ab 1.,"), min_size=1)))
def test_without_hyphens_lines_are_joined_with_spaces(lines: list[str]) -> None:
    assert join_lines(lines) == " ".join(lines)


@given(st.lists(st.text(st.sampled_from("abA- .1"))))
def test_nothing_but_hyphens_and_spaces_is_lost(lines: list[str]) -> None:
    def kept(text: str) -> str:
        return text.replace("-", "").replace(" ", "")

    assert kept(join_lines(lines)) == kept("".join(lines))


def test_one_text_stays_as_it_is() -> None:
    assert join_lines(["well - known\u2010 "]) == "well - known\u2010 "
