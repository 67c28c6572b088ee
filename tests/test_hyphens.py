import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.hyphens import halves, join_lines


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
        (["the govern\u2013", "ment and de\u2011", "mand"], "the government and demand"),
        (["he came \u2014", "at last\u2014", "we left"], "he came \u2014 at last\u2014 we left"),
        (["the gov-", "[?]t is"], "the gov[?]t is"),
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


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["the govern-", "ment must"], {(0, 4), (1, 0)}),
        (['he said "im- ', "", "  portent, so"], {(0, 8), (2, 2)}),
        (["in-ter-", "nat-", "ional"], {(0, 0), (1, 0), (2, 0)}),
        (["in Stoke-", "On-Trent", "he came -", "at last", ""], set()),
    ],
)
def test_halves_are_found_where_words_are_divided(
    lines: list[str], found: set[tuple[int, int]]
) -> None:
    assert halves(lines) == found
