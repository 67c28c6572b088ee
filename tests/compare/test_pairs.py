import re
from dataclasses import replace

import numpy as np
import pytest

from compare.pairs import MOST_MOVED, Compared, compare
from compare.tables import LENGTH_OF, parse_table
from stages.errors import UserError
from stages.evaluate.bootstrap import Interval
from stages.evaluate.pairs import MIN_CHANGED
from tests.compare.conftest import BETTER, FIRST, LENGTH, WORSE
from tests.compare.tables import SCORES, make_table, table_text

Pages = dict[str, tuple[int, int] | None]


def _verdicts(first: Pages, second: Pages) -> set[str]:
    found = compare(make_table("a", first), make_table("b", second))
    assert [compared.score for compared in found.scores][:2] == ["essay_cer_raw", "essay_cer"]
    assert {compared.score for compared in found.scores} == LENGTH_OF.keys()
    return {compared.difference.verdict for compared in found.scores}


def test_fewer_errors_on_every_page_are_better_and_the_other_way_round_worse() -> None:
    assert _verdicts(FIRST, BETTER) == {"better"}
    assert _verdicts(BETTER, FIRST) == {"worse"}


def test_of_the_same_reading_nothing_can_be_told() -> None:
    assert _verdicts(FIRST, FIRST) == {"cannot tell"}


def test_of_noise_nothing_can_be_told() -> None:
    generator = np.random.default_rng(7)
    noise = generator.permutation([-6, 6, -4, 4, -5, 5, -1, 0])
    other = {
        page: (edits + int(change), length)
        for (page, (edits, length)), change in zip(FIRST.items(), noise, strict=True)
    }
    assert _verdicts(FIRST, other) == {"cannot tell"}


@pytest.mark.parametrize(
    ("pages", "verdict"),
    [(1, "cannot tell"), (MIN_CHANGED - 1, "cannot tell"), (MIN_CHANGED, "better")],
)
def test_a_few_pages_can_all_be_better_by_chance(pages: int, verdict: str) -> None:
    few = list(FIRST)[:pages]
    assert _verdicts({p: FIRST[p] for p in few}, {p: BETTER[p] for p in few}) == {verdict}


def _corrected(first: Pages, second: Pages) -> Compared:
    found = compare(make_table("a", first), make_table("b", second))
    return next(compared for compared in found.scores if compared.score == "essay_cer")


def test_pages_that_stayed_lend_no_weight_to_those_that_changed() -> None:
    many: Pages = {f"p{number}": (20, LENGTH) for number in range(20)}
    for changed, verdict in ((MIN_CHANGED - 1, "cannot tell"), (MIN_CHANGED, "better")):
        other: Pages = {**many, **{f"p{number}": (10, LENGTH) for number in range(changed)}}
        found = _corrected(many, other).difference
        assert found.interval and found.interval.high < 0
        assert (found.changed, found.p, found.verdict) == (changed, 2 / 2**changed, verdict)


def test_rates_are_pooled_and_the_difference_is_theirs() -> None:
    first: Pages = {"long": (30, 300), "short": (0, 100)}
    second: Pages = {"long": (10, 300), "short": (4, 100)}
    found = compare(make_table("a", first), make_table("b", second))
    cer = next(compared for compared in found.scores if compared.score == "essay_cer")
    assert (cer.first, cer.second) == (30 / 400, 14 / 400)
    assert cer.difference.value == -16 / 400
    assert cer.difference.interval == Interval(-0.066667, 0.04)


def test_the_pages_that_moved_most_come_first_and_those_that_stayed_not_at_all() -> None:
    changes = [0, 1, -9, 3, 7, 0, -5, 2]
    other: Pages = {
        page: (edits + change, length)
        for (page, (edits, length)), change in zip(FIRST.items(), changes, strict=True)
    }
    moved = compare(make_table("a", FIRST), make_table("b", other)).moved
    assert [page.page for page in moved] == ["p2", "p4", "p6", "p3", "p7"]
    assert len(moved) == MOST_MOVED
    assert (moved[0].first, moved[0].second) == (42 / LENGTH, 33 / LENGTH)


def test_pages_in_one_table_only_are_left_out_with_the_reason() -> None:
    first: Pages = {**FIRST, "old": (500, LENGTH), "p8": (500, LENGTH), "untold": None}
    second: Pages = {**WORSE, "p8": None, "new": (0, LENGTH), "untold": None}
    found = compare(make_table("a", first), make_table("b", second))
    assert found.pages == list(FIRST)
    assert found.left_out == {
        "new": "not there in a",
        "old": "not there in b",
        "p8": "not transcribed in b",
    }
    assert found.scores == compare(make_table("a", FIRST), make_table("b", WORSE)).scores


def test_pages_that_a_recogniser_was_trained_on_are_left_out() -> None:
    first, second = make_table("a", FIRST), make_table("b", BETTER)
    found = compare(
        replace(first, trained_on=frozenset({"p1"})),
        replace(second, trained_on=frozenset({"p2", "other"})),
    )
    assert found.pages == [page for page in FIRST if page not in ("p1", "p2")]
    assert found.left_out == {
        "p1": "the recogniser of a was trained on it",
        "p2": "the recogniser of b was trained on it",
    }
    with pytest.raises(UserError, match="trained on every page scored in both, p0, p1"):
        compare(first, replace(second, trained_on=frozenset(FIRST)))


def test_without_a_common_page_both_sides_are_named() -> None:
    first: Pages = {f"p{number}": (1, LENGTH) for number in range(7)}
    told = "no page is scored in both: a has p0, p1, p2, p3, p4 and 2 more, b has q;"
    with pytest.raises(UserError, match=re.escape(told)):
        compare(make_table("a", first), make_table("b", {"q": (1, LENGTH), "p0": None}))
    with pytest.raises(UserError, match="a has none, b has q"):
        compare(make_table("a", {"q": None}), make_table("b", {"q": (1, LENGTH)}))


def test_changed_transcriptions_are_named() -> None:
    other = {**BETTER, "p3": (1, LENGTH + 5), "p1": (1, LENGTH - 5)}
    with pytest.raises(UserError, match="changed between a and b, on p1, p3: score both with"):
        compare(make_table("a", FIRST), make_table("b", other))


def test_texts_compared_in_other_forms_do_not_compare() -> None:
    older = parse_table("old", table_text(FIRST), SCORES.replace("nfc", "nfd"))
    with pytest.raises(UserError, match=r"old compares texts as nfd-.*, b as nfc-.*: score both"):
        compare(older, make_table("b", BETTER))
