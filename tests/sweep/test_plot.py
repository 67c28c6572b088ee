from collections.abc import Sequence

import pytest

from sweep.plot import MAX_ROWS, STYLES, draw, numeric_key, picture
from sweep.table import Result
from tests.sweep.results import result

GRID = [
    result(f"{threshold}-{beams}", 0.02 + beams / 100, float(beams), thresholds=threshold, n=f"{n}")
    for n, beams in ((0, 1), (1, 4))
    for threshold in ("[0.15]", "[0.4]")
]
NAMED = [result("a", 0.02, None, correct="none"), result("b", None, None, correct="channel")]


@pytest.mark.parametrize(
    ("values", "numeric"),
    [
        (["[0.1]", "[0.2]"], True),
        (["1", "4"], True),
        (["0.5", "0.5"], False),
        (["[0.1,0.2]", "[0.3]"], False),
        (["true", "false"], False),
        (["none", "channel"], False),
    ],
)
def test_numbers_make_an_axis(values: Sequence[str], numeric: bool) -> None:
    results = [result(value, 0.1, None, key=value) for value in values]
    assert numeric_key(results) == ("key" if numeric else None)


@pytest.mark.parametrize(
    ("results", "shown", "hidden"),
    [
        (GRID, ["thresholds", "n 0", "n 1", "0.15", "seconds, with what was cached"], []),
        (NAMED, ["none", "essay_cer, 95 % interval"], ["channel", "seconds"]),
        ([], ["title"], ["seconds"]),
    ],
)
def test_the_picture_names_what_it_shows_and_is_the_same_again(
    results: Sequence[Result], shown: Sequence[str], hidden: Sequence[str]
) -> None:
    pictures = [draw(results, "essay_cer", "title") for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert all(f">{text}<" in pictures[0] for text in shown)
    assert not any(text in pictures[0] for text in hidden)


def _beams(count: int) -> list[Result]:
    return [
        result(f"{threshold}-{n}", 0.02, 5.0, thresholds=threshold, num_beams=f"{n}")
        for threshold in ("0.1", "0.2")
        for n in range(count)
    ]


def test_more_lines_than_can_be_told_apart_become_rows() -> None:
    few = draw(_beams(len(STYLES)), "essay_cer", "title")
    assert f">num_beams {len(STYLES) - 1}<" in few
    many = draw(_beams(len(STYLES) + 1), "essay_cer", "title")
    assert "num_beams" not in many
    assert f">0.2, {len(STYLES)}<" in many and ">title<" in many


def test_of_very_many_points_the_best_are_shown() -> None:
    drawn = draw(_beams(MAX_ROWS), "essay_cer", "title")
    assert f">title, the best {MAX_ROWS} of {2 * MAX_ROWS}<" in drawn


@pytest.mark.parametrize("values", [["0.1", "0.2"], ["none", "channel"]])
def test_a_metric_without_intervals_has_no_bars(values: Sequence[str]) -> None:
    results = [Result(value, {"key": value}, {"essay_cer": 0.1}, 2.0) for value in values]
    drawn = draw(results, "essay_cer", "title")
    assert "interval" not in drawn and "LineCollection" not in drawn
    assert "LineCollection" in draw(
        [result(value, 0.1, 2.0, key=value) for value in values], "essay_cer", "title"
    )


def test_dots_lie_within_the_panels_with_room_for_their_labels() -> None:
    figure = picture([*GRID, result("slow", 0.3, 90.0, thresholds="[0.6]", n="1")], "essay_cer", "")
    lines, times = figure.axes
    assert lines.get_ylim()[1] >= 0.31
    assert times.get_ylim()[1] > 0.3 * 1.05
    assert times.get_xlim()[1] > 90 * 1.05
    assert lines.get_ylim()[0] == times.get_ylim()[0] == times.get_xlim()[0] == 0


def test_lines_side_by_side_stay_by_their_own_place() -> None:
    figure = picture(_beams(len(STYLES)), "essay_cer", "")
    places = [
        line.get_xdata() for line in figure.axes[0].get_lines() if line.get_linestyle() != "None"
    ]
    firsts, seconds = ([float(x[at]) for x in places if len(x) == 2] for at in (0, 1))
    assert len(firsts) == len(STYLES)
    assert max(firsts) < 0.15 < min(seconds)
