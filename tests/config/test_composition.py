import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from stages.config.composition import CONF, compose_yaml, load, parse
from stages.errors import UserError
from stages.params import main

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
        ("correct.chain=[notebook,channel]", "channel finds no n-best after notebook"),
        ("correct.standard_chain=[channel]", "standard_chain: channel finds no n-best"),
        ("correct.target=standard", "standard needs correctors in standard_chain"),
        ("correct.standard_chain=[gector]", "runs with target=standard only"),
        ("on_reject=stop", "on_reject='stop'"),
        ("segment.thresholds=[0.1", "segment.thresholds=[0.1"),
        ("recognize.num_beams=???", "recognize.num_beams"),
        ("crop.max_skew_degrees=5,0", "Ambiguous value"),
        ("recognize.num_beams=" + "9" * 1900, "num_beams"),
        ("recognize.num_beams=" + "9" * 5000, "over 2000 characters; shorten it, or edit conf"),
        ("segment.thresholds=" + "[" * 1900, "no viable alternative"),
        ("crop.language=${nothing}", "nothing"),
        ("recognize.checkpoint=${oc.env:NOT_THERE}", "'NOT_THERE' not found"),
        ("segment=../../../etc/passwd", "Could not find"),
        ("--conf=x", "--conf=x"),
        ("=", "="),
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


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A copy of conf/."""
    return Path(shutil.copytree(CONF, tmp_path / "conf"))


MALFORMED: list[tuple[str | bytes, int, str]] = [
    ("method: [seams", 1, "quote the text"),
    ("method:\n\tx: 1", 2, "a tab where only spaces may stand"),
    ("method: seams\nthresholds: [0.2]\nmethod: seams", 3, "method is given twice"),
    ("method: in: conf", 1, "a colon in text without quotes"),
    ("method: se\0ams", 1, "U+0000; delete it"),
    ("method: seams\n---\nmethod: seams", 2, "--- begins a second document"),
    ("method: !!python/object/apply:os.mkdir [made]", 1, "reads as a tag"),
    ("method: &a seams\nthresholds: [*a]", 1, "&a reads as an alias"),
    ("method: " + "[" * 5000, 1, "nested over 20 deep"),
    ("method: 2026-99-99", 1, "month must be in 1..12"),
    ("method: " + "9" * 5000, 1, "Exceeds the limit"),
    ("~: seams", 1, "nothing where a key should be"),
    (b"# caf\xe9\nmethod: seams", 1, "byte 0xe9 is not UTF-8"),
    ("method: seams".encode("utf-16"), 1, "UTF-16, not UTF-8"),
]


@pytest.mark.parametrize(("text", "line", "told"), MALFORMED)
def test_malformed_yaml_is_one_line_with_file_line_and_cure(
    conf: Path, monkeypatch: pytest.MonkeyPatch, text: str | bytes, line: int, told: str
) -> None:
    path = conf / "segment/seams.yaml"
    content = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^[^\n]+$") as caught:
        compose_yaml(conf=conf)
    assert str(caught.value).startswith(f"{path}: line {line}: ")
    assert told in str(caught.value)
    monkeypatch.chdir(conf)
    Path("params.yaml").write_bytes(content)
    with pytest.raises(UserError, match=rf"^params\.yaml: line {line}: [^\n]+$") as caught:
        load()
    assert told in str(caught.value)
    assert not Path("made").exists()


def test_ten_megabytes_of_settings_are_refused_unread(
    conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "method: seams\n" + "# word\n" * 1_500_000
    (conf / "segment/seams.yaml").write_text(text)
    with pytest.raises(UserError, match=r"seams\.yaml: 10\.5 MB, over the limit of 0\.1"):
        compose_yaml(conf=conf)
    monkeypatch.chdir(conf)
    Path("params.yaml").write_text(text)
    with pytest.raises(UserError, match=r"params\.yaml: 10\.5 MB, over the limit of 0\.1"):
        load()


def test_settings_by_a_name_that_hydra_does_not_read_are_told(conf: Path) -> None:
    (conf / "segment/seams.yaml").rename(conf / "segment/seams.yml")
    with pytest.raises(UserError, match=r"seams\.yml: not read .*; rename it to seams\.yaml"):
        compose_yaml(conf=conf)


def test_a_preset_of_sweeps_is_no_setting(conf: Path) -> None:
    (conf / "sweep/correctors.yaml").write_text("grid: [")
    assert compose_yaml(conf=conf) == BASE


def test_marks_and_line_ends_of_all_systems_are_read(conf: Path) -> None:
    for path in conf.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert compose_yaml(conf=conf) == BASE
    assert parse("\ufeff" + BASE.replace("\n", "\r\n"), "x") == parse(BASE, "x")


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("segment/seams.yaml", 3, "segment.thresholds.0=2: input should be less than 1"),
        ("recognize/embedded.yaml", 12, "recognize.num_beams='four': input should be"),
        ("config.yaml", 12, "on_reject='stop': input should be 'carry' or 'fail'"),
        ("crop/anchors.yaml", 9, "crop.langauge: no such setting"),
    ],
)
def test_a_wrong_value_is_told_with_its_file_and_line(
    conf: Path, monkeypatch: pytest.MonkeyPatch, file: str, line: int, told: str
) -> None:
    path = conf / file
    text = path.read_text(encoding="utf-8") + "langauge: eng\n" * file.startswith("crop")
    for right, wrong in (
        ("thresholds: [0.25]", "thresholds: [2]"),
        ("num_beams: 4", "num_beams: four"),
        ("on_reject: carry", "on_reject: stop"),
    ):
        text = text.replace(right, wrong)
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(conf.parent)
    with pytest.raises(UserError, match=r"^[^\n]+$") as caught:
        main()
    assert str(caught.value).startswith(f"conf: {told}")
    assert str(caught.value).endswith(f" (conf/{file} line {line})")
    assert not Path("params.yaml").exists()


def test_many_faults_are_few_words() -> None:
    with pytest.raises(UserError, match=r"; and 14 more$"):
        parse("\n".join(f"k{number}: 1" for number in range(15)), "params.yaml")


@settings(max_examples=50, deadline=None)
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
