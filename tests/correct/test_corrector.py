from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stages.correct.corrector import Replacement, TextLine, correct_text
from stages.correct.notebook import word_replacements
from stages.pages.records import CorrectedText

TEXT = st.text(st.sampled_from("ab ,.7"), max_size=12)


class Rewrite:
    """A corrector that rewrites its lines (or their whole text) as a table says."""

    def __init__(self, table: dict[str, str], whole_text: bool = False) -> None:
        self.name = "rewrite"
        self.whole_text = whole_text
        self._table = table

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        return [
            found
            for number, line in enumerate(lines)
            for found in word_replacements(number, line.text, self._table.get(line.text, line.text))
        ]


def as_read(lines: Sequence[str]) -> list[TextLine]:
    return [TextLine(line) for line in lines]


def rebuild(text: CorrectedText) -> list[str]:
    """The corrected lines, from the raw lines and the edits alone."""
    whole = any(edit.line == -1 for edit in text.edits)
    lines = [" ".join(text.raw)] if whole else list(text.raw)
    for edit in reversed(text.edits):
        number = max(0, edit.line)
        line = lines[number]
        assert line[edit.start : edit.end] == edit.before
        lines[number] = line[: edit.start] + edit.after + line[edit.end :]
    return lines


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4), st.booleans())
def test_edits_rebuild_the_corrected_text(rows: list[tuple[str, str]], whole: bool) -> None:
    raw = [before for before, _ in rows]
    table = {" ".join(raw): " ".join(a for _, a in rows)} if whole else dict(rows)
    text = correct_text(as_read(raw), [Rewrite(table, whole)])
    assert text.raw == raw
    if text.edits:
        assert rebuild(text) == text.corrected
    else:
        assert " ".join(text.corrected) == " ".join(raw)


def test_a_later_corrector_names_spans_of_the_raw_text() -> None:
    raw = ["the importent thing", "is teh end"]
    first = Rewrite({raw[0]: "the very important thing"})
    second = Rewrite({"the very important thing": "the very important things"})
    text = correct_text(as_read(raw), [first, second])
    assert text.corrected == ["the very important things", "is teh end"]
    last = text.edits[-1]
    assert raw[0][last.start : last.end] == "thing"
    assert (last.before, last.after) == ("thing", "things")


class Scramble:
    """A corrector whose replacements come from hypothesis: any that the protocol allows."""

    guarded = False

    def __init__(self, name: str, whole_text: bool, data: st.DataObject) -> None:
        self.name, self.whole_text, self._data = name, whole_text, data

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        made = []
        for number, line in enumerate(lines):
            cuts = st.lists(st.integers(0, len(line.text)), max_size=6).map(sorted)
            places = self._data.draw(cuts)
            spans = zip(places[::2], places[1::2], strict=False)
            afters = [self._data.draw(TEXT) for _ in places[::2]]
            made += [
                Replacement(number, *span, after, "")
                for span, after in zip(spans, afters, strict=False)
            ]
        return made


@given(st.lists(TEXT, min_size=1, max_size=3), st.lists(st.booleans(), max_size=4), st.data())
def test_edits_of_any_chain_rebuild_its_text(
    raw: list[str], kinds: list[bool], data: st.DataObject
) -> None:
    chain = [Scramble(str(number), whole, data) for number, whole in enumerate(kinds)]
    text = correct_text(as_read(raw), chain)
    if text.edits:
        assert rebuild(text) == text.corrected
    else:
        assert " ".join(text.corrected) == " ".join(raw)
    for first, second in pairwise(text.edits):
        assert first.line < second.line or first.end <= second.start


def test_what_two_correctors_changed_is_one_edit_of_both() -> None:
    first, second = Rewrite({"teh end": "the end"}), Rewrite({"the end": "thy end"})
    second.name = "again"
    (edit,) = correct_text(as_read(["teh end"]), [first, second]).edits
    assert (edit.before.strip(), edit.after.strip()) == ("teh", "thy")
    assert edit.corrector == "rewrite, again"


def test_what_a_second_one_takes_back_is_no_edit() -> None:
    chain = [Rewrite({"teh end": "the end"}), Rewrite({"the end": "teh end"})]
    text = correct_text(as_read(["teh end"]), chain)
    assert (text.corrected, text.edits) == (["teh end"], [])


def test_an_empty_chain_leaves_everything() -> None:
    text = correct_text(as_read(["as  is", ""]), [])
    assert text.corrected == ["as  is", ""]
    assert text.edits == []


def test_whole_text_edits_count_in_the_joined_raw_lines() -> None:
    text = correct_text(
        as_read(["one two", "three"]), [Rewrite({"one two three": "one 2 three"}, True)]
    )
    (edit,) = text.edits
    assert (edit.line, edit.start, edit.before.strip(), edit.after.strip()) == (-1, 4, "two", "2")
    assert text.corrected == ["one 2 three"]
