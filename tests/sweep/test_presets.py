from dataclasses import replace
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from stages.errors import UserError
from sweep.presets import PRESETS, given, named, points, written

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e3, 1e3, allow_subnormal=False)


@pytest.mark.parametrize("name", sorted(path.stem for path in PRESETS.glob("*.yaml")))
def test_every_preset_is_a_grid_of_valid_settings(name: str) -> None:
    sweep = named(name)
    lowest = {key: [written(values.low)] for key, values in sweep.ranges.items()}
    sweep = replace(sweep, grid={**sweep.grid, **lowest}, ranges={})
    combinations = 1
    for values in sweep.grid.values():
        combinations *= len(values)
    assert len(points(sweep)) == combinations > 1


def test_points_have_all_settings_and_the_earliest_stage_varies_fastest() -> None:
    found = points(given(["segment.thresholds=[0.1],[0.2,0.3]", "recognize.num_beams=4,8"]))
    assert [(p.params.segment.thresholds, p.params.recognize.num_beams) for p in found] == [
        ([0.1], 4),
        ([0.2, 0.3], 4),
        ([0.1], 8),
        ([0.2, 0.3], 8),
    ]
    assert found[2].overrides() == ["segment.thresholds=[0.1]", "recognize.num_beams=8"]


def test_a_value_given_twice_is_one_point() -> None:
    assert len(points(given(["recognize.num_beams=4,4"]))) == 1


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("segment.tresholds=[0.1],[0.2]", "there is no setting segment.tresholds"),
        ("speed=1,2", "there is no setting speed"),
        ("recognize.num_beams=4,wide", "num_beams='wide'"),
        ("correct=channel,gone", "Could not find 'correct/gone'"),
        ("recognize.num_beams=range(4,8)", "list the values"),
        ("correct=glob(*)", "list the values"),
        ("correct.chain=[channel],[channel", "channel"),
    ],
)
def test_what_cannot_run_is_told_in_one_line(override: str, told: str) -> None:
    with pytest.raises(UserError, match=r"^[^\n]+$") as error:
        points(given([override]))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gird: {recognize.num_beams: [4]}", "gird: extra inputs are not permitted"),
        ("metric: essay_cre\ngrid: {correct: [none]}", "no such error rate"),
        ("grid: {}", "grid: "),
        ("grid: {recognize.num_beams: 4}", "grid.recognize.num_beams"),
        ("grid: {recognize.length_penalty: {low: 2, high: 1}}", "low should be less than high"),
        ("grid: {recognize.length_penalty: {low: 0, high: 1, log: true}}", "low above 0"),
        ("grid: [", "line 1: "),
        ("grid:\n\tcorrect: [none]", "line 2: a tab where only spaces may stand"),
        ("metric: essay_wer\ngrid:\n  correct: none", "line 3: grid.correct: "),
        ("grid: {correct: [a]}\ngrid: {correct: [b]}", "line 2: grid is given twice"),
        ("grid: {correct: &a [*a]}", "line 1: &a reads as an alias"),
        ("grid: {correct: !!python/name:os.system x}", "line 1: !!python/name:os.system reads as"),
        ("grid: {correct: [2026-99-99]}", "line 1: month must be in 1..12"),
        ("grid: {correct: [a]}\n#" + "x" * 10_000_000, "10.0 MB, over the limit of 0.1"),
        ("", "preset: "),
    ],
)
def test_a_wrong_preset_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"^[^\n]+mine\.yaml: [^\n]+$") as error:
        named("mine", tmp_path)
    assert told in str(error.value)


@pytest.mark.parametrize("name", ["my beams", "sub/mine", "two..dots", "-first", "a~b", ".hidden"])
def test_a_preset_that_git_would_not_name_an_experiment_after(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("grid: {recognize.num_beams: [1, 4]}", encoding="utf-8")
    with pytest.raises(UserError, match=r"^[^\n]+\.yaml: Git takes no such name; rename it[^\n]+$"):
        named(name, tmp_path)
    fine = path.rename(tmp_path / "größer_2.yaml")
    assert named(fine.stem, tmp_path).grid == {"recognize.num_beams": ["1", "4"]}


def test_an_unknown_preset_is_told_with_those_there_are() -> None:
    with pytest.raises(UserError, match="thresholds_beams"):
        named("tresholds_beams")


@example("null")
@example("True")
@example("it's, \\")
@for_all(st.booleans() | st.none() | NUMBERS | WORDS | st.lists(NUMBERS, min_size=1))
def test_hydra_reads_a_preset_s_value_as_yaml_does(value: object) -> None:
    [override] = OverridesParser.create().parse_overrides([f"key={written(value)}"])
    assert not override.is_sweep_override()
    assert override.value() == value
