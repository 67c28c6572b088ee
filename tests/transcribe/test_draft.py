from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from transcribe.draft import Row, is_finished, merge


def row(name: str, text: str = "", **more: object) -> Row:
    return Row.model_validate({"id": name, "field": "essay", "text": text, **more})


BASE = [row("a", "one"), row("b", "two"), row("c", "three")]


def test_what_only_one_window_changed_is_taken_from_it() -> None:
    mine = [row("a", "ONE"), BASE[1], BASE[2]]
    theirs = [BASE[0], row("b", "two", accepted=True), row("c", "THREE", left_out=True)]
    assert merge(BASE, mine, theirs) == [mine[0], theirs[1], theirs[2]]
    assert merge(BASE, BASE, theirs) == theirs
    assert merge(BASE, mine, BASE) == mine


def test_a_text_that_both_changed_is_kept_twice() -> None:
    mine, theirs = [row("a", "mine", accepted=True)], [row("a", "theirs", accepted=True)]
    assert merge(BASE[:1], mine, theirs) == [row("a", "mine", others=("theirs",))]


def test_accepting_an_older_text_does_not_accept_a_newer_one() -> None:
    mine, theirs = [row("a", "newer")], [row("a", "one", accepted=True)]
    assert merge(BASE[:1], mine, theirs) == mine
    assert merge(BASE[:1], theirs, mine) == mine


def test_added_and_merged_lines_keep_their_places() -> None:
    mine = [BASE[0], row("new", "mine"), BASE[1], BASE[2]]
    theirs = [BASE[0], row("b", "two three")]
    assert merge(BASE, mine, theirs) == [BASE[0], mine[1], theirs[1]]
    edited = [*BASE[:2], row("c", "THREE")]
    assert [each.text for each in merge(BASE, edited, theirs)] == ["one", "two three", "THREE"]


def test_a_line_that_both_have_and_neither_began_from_keeps_both_texts() -> None:
    mine = [*BASE, row("new", "A ty", accepted=True)]
    assert merge(BASE, mine, [*BASE, row("new", "A t")]) == mine
    theirs = [*BASE, row("new", "typed by another", accepted=True)]
    assert merge(BASE, mine, theirs)[3] == row("new", "A ty", others=("typed by another",))


def test_another_text_that_one_window_dismissed_stays_dismissed() -> None:
    base = [row("a", "one", others=("x", "z"))]
    mine = [row("a", "one", others=("z",))]
    theirs = [row("a", "typed", others=("x", "z"))]
    assert merge(base, mine, theirs) == [row("a", "typed", others=("z",))]


def test_lines_left_out_need_not_be_accepted() -> None:
    assert is_finished([row("a", accepted=True), row("b", left_out=True)])
    assert not is_finished([row("a"), row("b", accepted=True)])


def test_what_was_typed_on_the_way_is_not_kept_beside_the_result() -> None:
    base = [row("a", "one", others=("wor", "x"))]
    mine, theirs = [row("a", "mine", others=("wor", "x"))], [row("a", "word", others=("wor", "x"))]
    assert merge(base, mine, theirs)[0].others == ("x", "word")


def test_what_the_other_window_only_deleted_is_no_part_of_mine() -> None:
    base, theirs = [row("a", "I saw the cat")], [row("a", "the cat", accepted=True)]
    mine = [row("a", "I saw the cat,", accepted=True)]
    assert merge(base, mine, theirs) == [row("a", "I saw the cat,", others=("the cat",))]


def test_a_line_left_out_in_one_window_and_typed_in_another_stays() -> None:
    out, typed = row("a", "one", left_out=True), row("a", "one more", accepted=True)
    for mine, theirs in ((out, typed), (typed, out)):
        assert merge(BASE[:1], [mine], [theirs]) == [row("a", "one more")]
    assert merge(BASE[:1], [out], BASE[:1]) == [out]


TEXT = st.sampled_from(["", "p", "pq", "q", "r"])


@st.composite
def versions(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Row]]:
    base = [row(f"r{n}", draw(TEXT)) for n in range(draw(st.integers(1, 4)))]

    def typed(side: str) -> list[Row]:
        rows = []
        for number, each in enumerate(base):
            if draw(st.booleans()):
                changes = {"text": draw(TEXT), "accepted": draw(st.booleans())}
                changes["left_out"] = not draw(st.integers(0, 3))
                rows.append(each.model_copy(update=changes))
            elif draw(st.integers(0, 3)):
                rows.append(each)
            if not draw(st.integers(0, 4)):
                rows.append(row(f"{side}{number}", draw(TEXT)))
        return rows

    return base, typed("m"), typed("t")


@given(versions())
def test_no_text_that_a_window_typed_is_lost(
    versions: tuple[list[Row], list[Row], list[Row]],
) -> None:
    base, mine, theirs = versions
    merged = merge(base, mine, theirs)
    was = {each.id: each.text for each in base}
    kept = {each.id: {each.text, *each.others} for each in merged}
    out = {each.id for each in merged if each.left_out}
    for each in [*mine, *theirs]:
        if each.text != was.get(each.id):
            assert any(each.text in text for text in kept[each.id])
            assert each.left_out or each.id not in out
    assert len(kept) == len(merged)


@given(versions())
def test_an_order_that_both_have_is_kept(
    versions: tuple[list[Row], list[Row], list[Row]],
) -> None:
    base, mine, theirs = versions
    merged = merge(base, mine, theirs)
    assert merge(base, mine, base) == mine

    def shared(rows: Sequence[Row]) -> list[str]:
        both = {each.id for each in mine} & {each.id for each in theirs}
        return [each.id for each in rows if each.id in both]

    assert shared(merged) == shared(mine) == shared(theirs)
