"""kraken's outlines to lines, its process's failures, and, where it is installed, kraken itself."""

import json
from pathlib import Path

import numpy as np
import pytest

from stages.config.composition import load
from stages.config.settings import KrakenSettings, SegmentSettings
from stages.errors import OutOfMemoryError, PageError, UserError
from stages.ink import find_components
from stages.segment.crops import segment_region, segmentations
from stages.segment.kraken import Outline, as_page, run_kraken, to_segmentation
from stages.segment.segmentation import Segmentation
from stages.segment.strokes import Strokes, find_strokes
from tests.segment.written import Written, all_found, essay

PITCH = 70
PAGE = np.full((40, 30, 3), 250, np.uint8)


def outline(page: Written, line: int, row: int, cut: int = 0) -> Outline:
    """What a perfect kraken says of a labelled line: a box round its ink, less `cut` rows on
    either side, and its baseline at `row`."""
    y, x = np.nonzero(page.labels == line)
    left, right, top, bottom = (
        float(edge) for edge in (x.min(), x.max(), y.min() + cut, y.max() - cut)
    )
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Outline(baseline=[(left, row), (right, row)], boundary=corners)


def outlines(page: Written, count: int, cut: int = 0) -> list[Outline]:
    return [outline(page, line, PITCH * line, cut) for line in range(1, count + 1)]


def found_in(page: Written, lines: list[Outline]) -> Segmentation:
    return to_segmentation(lines, find_strokes(page.region))


def test_every_line_keeps_all_its_ink() -> None:
    page = essay(5)
    found = found_in(page, outlines(page, 5))
    assert all_found(page, found)
    assert found.ink.any()
    assert (found.territory[found.ink] > 0).all()


def test_strokes_that_stick_out_of_a_polygon_stay_whole() -> None:
    page = essay(4)
    found = found_in(page, outlines(page, 4, cut=8))
    assert all_found(page, found)


def test_the_middle_runs_half_a_letter_over_the_baseline_and_level_past_its_ends() -> None:
    page = essay(2)
    lines = outlines(page, 2)
    sloping = lines[0].model_copy(update={"baseline": [(100.0, 60.0), (500.0, 80.0)]})
    found = found_in(page, [sloping, lines[1]])
    below = found.centres[0] + found.height / 2
    assert below[[0, 100, 300, 500, -1]] == pytest.approx([60, 60, 70, 80, 80])
    assert found.centres[1] + found.height / 2 == pytest.approx(2 * PITCH)


def test_rows_hold_the_lines_ink() -> None:
    page = essay(3)
    found = found_in(page, outlines(page, 3))
    for line, (top, bottom) in enumerate(found.rows, 1):
        y, _ = np.nonzero(found.ink & (found.territory == line))
        assert (top, bottom) == (y.min(), y.max() + 1)


def test_a_line_that_kraken_missed_belongs_to_no_other() -> None:
    page = essay(4, pitch=110)
    kept = [outline(page, line, 110 * line) for line in (1, 2, 4)]
    found = found_in(page, kept)
    assert found.count == 3
    assert not found.territory[page.labels == 3].any()


def test_an_outline_without_ink_is_no_line() -> None:
    page = essay(2)
    empty = Outline(
        baseline=[(40.0, 205.0), (90.0, 205.0)],
        boundary=[(40.0, 195.0), (90.0, 195.0), (90.0, 209.0), (40.0, 209.0)],
    )
    page.region[190:] = 245
    found = found_in(page, [*outlines(page, 2), empty])
    assert found.count == len(found.centres) == 2


def box(top: int, bottom: int) -> Outline:
    """A line over the whole width of `bars`, which fills the rows from `top` to `bottom`."""
    corners = [(0.0, top), (99.0, top), (99.0, bottom - 1), (0.0, bottom - 1)]
    return Outline(baseline=[(0.0, bottom), (99.0, bottom)], boundary=corners)


def bars(*spans: tuple[int, int]) -> Strokes:
    """Upright strokes over these rows, 20 columns apart; letters are 10 pixels high."""
    ink = np.zeros((200, 100), bool)
    for number, (top, bottom) in enumerate(spans):
        ink[top:bottom, 10 + 20 * number] = True
    return Strokes(ink, np.zeros_like(ink), find_components(ink), height=10.0, slope=0.0)


@pytest.mark.parametrize(
    ("stroke", "owners"),
    [
        ((50, 98), {1: 48}),
        ((50, 104), {1: 54}),
        ((98, 150), {2: 52}),
        ((60, 140), {1: 40, 2: 40}),
        ((5, 98), {1: 93}),
        ((41, 48), {1: 7}),
        ((10, 30), {0: 20}),
    ],
    ids=["inside", "tail", "head", "touching", "out of the polygon", "dot", "far from all"],
)
def test_a_stroke_is_whole_unless_two_polygons_share_it(
    stroke: tuple[int, int], owners: dict[int, int]
) -> None:
    strokes = bars(stroke, (50, 100), (100, 150))
    found = to_segmentation([box(50, 100), box(100, 150)], strokes)
    lines, counts = np.unique(found.territory[:, 10][strokes.ink[:, 10]], return_counts=True)
    assert dict(zip(lines.tolist(), counts.tolist(), strict=True)) == owners


def test_a_low_region_gets_the_proportions_of_a_page() -> None:
    region = essay(3).region
    page, top = as_page(region)
    assert page.shape[0] == round(2**0.5 * page.shape[1])
    assert (page[top : top + len(region)] == region).all()
    assert (page[:top] == 245).all()
    assert (page[top + len(region) :] == 245).all()


def test_a_high_region_is_left_as_it_is() -> None:
    region = np.full((300, 100, 3), 245, np.uint8)
    page, top = as_page(region)
    assert top == 0
    assert page.shape == region.shape


def interpreter(folder: Path, script: str) -> KrakenSettings:
    """A program in the place of kraken's interpreter: `$3` is the image, `$4` the lines."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return KrakenSettings(python=str(path), timeout_s=1)


def test_the_lines_that_the_process_writes_are_read(tmp_path: Path) -> None:
    lines = json.dumps([{"baseline": [[1, 2], [3, 4]], "boundary": [[0, 0], [5, 0], [5, 5]]}])
    found = run_kraken(PAGE, interpreter(tmp_path, f'test -s "$3" && echo \'{lines}\' > "$4"'))
    assert found == [Outline(baseline=[(1, 2), (3, 4)], boundary=[(0, 0), (5, 0), (5, 5)])]


def test_a_process_that_is_killed_is_for_another_try(tmp_path: Path) -> None:
    with pytest.raises(OutOfMemoryError, match="killed on it, most likely for its memory"):
        run_kraken(PAGE, interpreter(tmp_path, "kill -9 $$"))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo first >&2; echo out of paper >&2; exit 7", "exit code 7: out of paper"),
        ("kill -15 $$", "exit code -15: no message"),
        ("exec sleep 20", "segment.kraken.timeout_s=1"),
        ("true", "no readable list"),
        ("echo '[{]' > \"$4\"", "no readable list"),
        ('echo \'[{"baseline": []}]\' > "$4"', "no readable list"),
    ],
)
def test_a_process_that_fails_rejects_its_page(tmp_path: Path, script: str, said: str) -> None:
    with pytest.raises(PageError) as caught:
        run_kraken(PAGE, interpreter(tmp_path, script))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_its_environment_the_cure_is_named(tmp_path: Path) -> None:
    settings = KrakenSettings(python=str(tmp_path / "none"), timeout_s=1)
    with pytest.raises(UserError, match=r"No such file or directory.*`make kraken`"):
        run_kraken(PAGE, settings)


def test_an_environment_without_kraken_names_the_cure(tmp_path: Path) -> None:
    settings = interpreter(tmp_path, "echo \"No module named 'kraken'\" >&2; exit 3")
    with pytest.raises(UserError, match=r"No module named 'kraken'.*`make kraken`"):
        run_kraken(PAGE, settings)


def kraken_settings(*overrides: str) -> SegmentSettings:
    return load(["segment=kraken", *overrides]).segment


def test_blank_paper_has_no_line_and_needs_no_kraken(tmp_path: Path) -> None:
    settings = kraken_settings(f"segment.kraken.python={tmp_path / 'none'}")
    assert segmentations(np.full((300, 400, 3), 245, np.uint8), settings) == []


@pytest.mark.parametrize("thresholds", ["[0.3]", "[0.17,0.3]"])
def test_no_other_threshold_is_accepted(thresholds: str) -> None:
    with pytest.raises(UserError, match=r"segment\.thresholds=.*fixed: \[0\.17\]") as caught:
        kraken_settings(f"segment.thresholds={thresholds}")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(
    not Path(kraken_settings().kraken.python).exists(),
    reason="kraken is not installed here: `make kraken`",
)
def test_kraken_finds_the_lines_of_a_plain_page() -> None:
    page = essay(6, pitch=90)
    candidates, crops = segment_region(page.region, (0, 0), kraken_settings())
    assert [candidate.name for candidate in candidates] == ["kraken@0.17"]
    assert len(candidates[0].lines) == 6
    assert {line.crop for line in candidates[0].lines} == set(crops)
