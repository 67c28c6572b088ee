from collections.abc import Sequence

import pytest

from stages.config.correct_settings import GuardSettings
from stages.correct.corrector import Replacement, TextLine, correct_text
from stages.correct.guard import Guard, LeavesHalves
from tests.correct.readings import read_line

GUARD = Guard(GuardSettings(sure=0.95))


class Change:
    """A corrector that sees text only and rewrites one word of the last line."""

    name = "change"
    whole_text = False
    guarded = True

    def __init__(self, word: str, after: str) -> None:
        self._word, self._after = word, after

    def __call__(self, lines: Sequence[TextLine]) -> list[Replacement]:
        start = lines[-1].text.index(self._word)
        end = start + len(self._word)
        return [Replacement(len(lines) - 1, start, end, self._after, "test")]


def changes(lines: Sequence[TextLine], word: str, after: str = "x") -> bool:
    text = correct_text(lines, [Change(word, after)], GUARD)
    return text.corrected != text.raw


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("it costs 15 dollars", "15"),
        ("born on the 3rd of", "3rd"),
        ("we met Zermottt there", "Zermottt"),
        ("we met Mr. Zermottt there", "Zermottt"),
        ("we met (J. Zermottt) there", "Zermottt"),
        ("the UNNESCO report", "UNNESCO"),
        ("all the people there", "people"),
        ("my brother's friend", "brother's"),
        ("he said so", " "),
    ],
)
def test_what_is_protected_stays(line: str, word: str) -> None:
    assert not changes([TextLine(line)], word)


@pytest.mark.parametrize(
    ("line", "word"),
    [("the goverment is", "goverment"), ("Goverment is", "Goverment"), ('"peaple," he', "peaple")],
)
def test_a_non_word_is_open(line: str, word: str) -> None:
    assert changes([TextLine(line)], word)


def test_a_capital_on_a_new_line_is_a_name_inside_a_sentence() -> None:
    assert not changes([TextLine("we went to"), TextLine("Zermottt again")], "Zermottt")
    assert changes([TextLine("We left."), TextLine("Goverment is")], "Goverment")


def test_what_the_recogniser_was_sure_of_stays() -> None:
    assert not changes([read_line("the goverment is")], "goverment")
    assert changes([read_line("the goverment is", {6: {"u": 0.3}})], "goverment")


def test_a_span_with_one_protected_word_stays() -> None:
    assert not changes([TextLine("goverment of 2019")], "goverment of 2019")
    assert not changes([TextLine("goverment of")], "goverment of", "government off")


def test_a_corrector_that_is_not_guarded_may_touch_all() -> None:
    free = Change("15", "5")
    free.guarded = False
    assert correct_text([TextLine("costs 15")], [free], GUARD).corrected == ["costs 5"]


def test_half_of_a_word_that_a_lines_end_divides_stays() -> None:
    above = TextLine("about the gov-")
    assert not changes([above, TextLine("ernment of it")], "ernment")
    assert changes([TextLine("about the gov"), TextLine("ernment of it")], "ernment")


def test_halves_alone_may_be_all_that_is_protected() -> None:
    lines = [TextLine("the oppor-"), TextLine("tunities of educatoin")]
    chains = [Change("tunities", "unities")], [Change("educatoin", "education")]
    last = [correct_text(lines, chain, LeavesHalves()).corrected[1] for chain in chains]
    assert last == ["tunities of educatoin", "tunities of education"]


def test_a_line_left_empty_is_not_the_line_above() -> None:
    for above in (["We left."], ["We left.", ""], [""]):
        assert changes([*map(TextLine, above), TextLine("Goverment is")], "Goverment")
    assert not changes([TextLine("We left"), TextLine(""), TextLine("Goverment is")], "Goverment")
