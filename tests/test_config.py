from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from stages.config import CONF, compose_yaml, load, parse
from stages.errors import UserError

OPTIONS = sorted(
    f"{path.parent.name}={path.stem}"
    for path in CONF.glob("*/*.yaml")
    if path.parent.name not in ("experiment", "sweep")
)
BASE = compose_yaml()
PRESETS = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_fits_the_schema(option: str) -> None:
    load([option])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_fits_the_schema(preset: str) -> None:
    load([f"+experiment={preset}"])


def test_notebook_preset_holds_the_notebooks_settings() -> None:
    params = load(["+experiment=notebook"])
    assert params.recognize.checkpoint == "microsoft/trocr-large-handwritten"
    assert (params.recognize.num_beams, params.recognize.no_repeat_ngram_size) == (8, 3)
    assert params.recognize.selector == "longest"
    assert params.segment.thresholds == [0.14, 0.12, 0.10, 0.08, 0.06]
    assert params.segment.method == "projection"
    assert (params.segment.crop.shape, params.segment.crop.width) == ("box", "page")
    assert params.segment.projection.min_height == 14
    assert params.segment.projection.smooth == 1
    assert params.crop.comment == "twelve_pass"
    assert params.correct.chain == ["notebook"]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("recognize.num_beams=0", "num_beams=0"),
        ("recognize.num_beams=four", "num_beams='four'"),
        ("recognize.num_beams=2.5", "num_beams=2.5"),
        ("segment.thresholds=[2]", "thresholds.0=2"),
        ("segment.thresholds=[]", "thresholds=[]"),
        ("segment.thresholds=[0.1,0.1]", "thresholds=[0.1, 0.1]"),
        ("segment.thresholds=0.1", "thresholds=0.1"),
        ("segment.projection.smooth=4", "smooth=4"),
        ("segment.treshold=[0.1]", "segment.treshold"),
        ("+segment.treshold=[0.1]", "segment.treshold: no such setting"),
        ("+segmant.thresholds=[0.1]", "segmant: no such setting"),
        ("recognize=trocr_huge", "trocr_large"),
        ("recogniser=trocr_large", "recogniser"),
        ("recognize.checkpoint=null", "checkpoint=None"),
        ("correct.chain=[symspel]", "chain.0='symspel'"),
        ("on_reject=stop", "on_reject='stop'"),
        ("segment.thresholds=[0.1", "segment.thresholds=[0.1"),
        ("recognize.num_beams=???", "recognize.num_beams"),
    ],
)
def test_a_wrong_override_is_one_line_that_names_it(override: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        load([override])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_setting_without_a_value_is_named() -> None:
    text = BASE.replace("on_reject: carry", "on_reject: ???")
    with pytest.raises(UserError, match="on_reject"):
        parse(text, "params.yaml")


def test_broken_yaml_in_conf_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("a: [1\n")
    with pytest.raises(UserError) as caught:
        compose_yaml(conf=tmp_path)
    assert "\n" not in str(caught.value)


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(-3, 200))
def test_thresholds_and_beams_are_accepted_exactly_within_their_ranges(
    threshold: float, beams: int
) -> None:
    config = OmegaConf.create(BASE)
    config.segment.thresholds = [threshold]
    config.recognize.num_beams = beams
    valid = 0 < threshold < 1 and 1 <= beams <= 64
    try:
        parse(OmegaConf.to_yaml(config), "test")
        accepted = True
    except UserError:
        accepted = False
    assert accepted == valid
