from collections.abc import Sequence
from pathlib import Path

import pytest

from sweep.plot import draw, numeric_key
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
    tmp_path: Path, results: Sequence[Result], shown: Sequence[str], hidden: Sequence[str]
) -> None:
    pictures = []
    for name in ("one.svg", "two.svg"):
        draw(results, "essay_cer", "title", tmp_path / name)
        pictures.append((tmp_path / name).read_text(encoding="utf-8"))
    assert pictures[0] == pictures[1]
    assert all(f">{text}<" in pictures[0] for text in shown)
    assert not any(text in pictures[0] for text in hidden)
