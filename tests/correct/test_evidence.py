import math
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.correct.confusions import confusions
from stages.correct.evidence import LEAST, UNSEEN, Evidence
from stages.pages.records import Alternative, Hypothesis, Token
from tests.correct.readings import read_line

WORD = st.text(st.sampled_from("abc"), max_size=6)


def of(line: object) -> Evidence:
    return Evidence(line.text, line.hypotheses)  # type: ignore[attr-defined]


def test_a_recorded_alternative_has_its_log_odds() -> None:
    evidence = of(read_line("malking", {0: {"w": 0.3, "n": 0.1}}))
    assert evidence.odds(0, 7, "walking") == pytest.approx(math.log(0.3 / 0.6))
    assert evidence.odds(0, 7, "nalking") == pytest.approx(math.log(0.1 / 0.6))
    assert evidence.odds(0, 7, "malking") == 0


def test_a_character_left_out_had_its_odds_before_the_next() -> None:
    evidence = of(read_line("goverment", {5: {"n": 0.2}}))
    assert evidence.odds(0, 9, "government") == pytest.approx(math.log(0.2 / 0.8))


def test_a_character_too_many_had_the_odds_of_its_successor() -> None:
    evidence = of(read_line("thhe", {1: {"e": 0.1}, 2: {"e": 0.25}}))
    assert evidence.odds(0, 4, "the") == pytest.approx(math.log(0.25 / 0.75))


@given(WORD, WORD)
def test_without_alternatives_edits_go_by_what_is_confused_in_general(
    text: str, other: str
) -> None:
    def odds(read: str, written: str) -> float:
        row = confusions(read)
        return UNSEEN + row.listed.get(written, row.others)

    @cache
    def best(i: int, j: int) -> float:
        """Oracle: of text[i:] and other[j:]."""
        if i == len(text):
            return sum(odds("", c) for c in other[j:])
        ways = [odds(text[i], "") + best(i + 1, j)]
        if j < len(other):
            ways.append(odds("", other[j]) + best(i, j + 1))
            same = 0.0 if text[i] == other[j] else odds(text[i], other[j])
            ways.append(same + best(i + 1, j + 1))
        return max(ways)

    evidence = of(read_line(text, sure=1.0))
    assert evidence.odds(0, len(text), other) == pytest.approx(best(0, 0))


@given(WORD, WORD, st.dictionaries(st.integers(0, 6), st.sampled_from([0.001, 0.1, 0.4])))
def test_odds_are_at_most_even_and_bounded(text: str, other: str, places: dict[int, float]) -> None:
    plain = of(read_line(text, sure=1.0)).odds(0, len(text), other)
    others = {at: {"c": p} for at, p in places.items() if text[at : at + 1] != "c"}
    given_more = of(read_line(text, others, sure=1.0)).odds(0, len(text), other)
    edits = len(text) + len(other)
    assert given_more <= 1e-9
    assert given_more >= plain + (LEAST - UNSEEN) * edits - 1e-9


def test_text_changed_since_is_taken_as_certain() -> None:
    line = read_line("thc end", {2: {"e": 0.4}})
    evidence = Evidence("the end", line.hypotheses)
    assert evidence.places[2].others == {}
    assert evidence.least_logprob(0, 3) == pytest.approx(math.log(0.999))


def test_a_word_pieces_alternative_replaces_the_whole_piece() -> None:
    piece = Token(
        text=" thc", logprob=math.log(0.6), alternatives=[Alternative(text=" the", logprob=-1.2)]
    )
    tokens = [Token(text="in", logprob=-0.1), piece, Token(text="", logprob=-0.1)]
    evidence = Evidence("in thc", [Hypothesis(text="in thc", score=-0.2, tokens=tokens)])
    assert [place.width for place in evidence.places] == [2, 0, 1, 3, 0, 0, 1]
    assert evidence.places[3].others == pytest.approx({"the": -1.2 - math.log(0.6)})
    assert evidence.places[2].others == {}
