import json
import re
from collections.abc import Callable
from pathlib import Path

import datasets
import pandas as pd
import pytest
import yaml

from tests.pipeline.conftest import Clone

FIELDS = ["topic", "band", "essay", "examiner_comment", "source"]


def lock(clone: Clone) -> str:
    return (clone.root / "dvc.lock").read_text()


def test_the_committed_lock_is_in_step_with_the_code(new_clone: Callable[..., Clone]) -> None:
    told = new_clone("bare").dvc("repro", "--dry", "--allow-missing")
    assert "Data and pipelines are up to date." in told


def test_the_dataset_holds_one_record_per_page(built: Clone) -> None:
    path = built.root / "data/dataset/dataset.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert [list(record) for record in records] == [FIELDS, FIELDS]
    assert [r["source"] for r in records] == sorted(
        page.stem for page in (built.root / "data/pages").glob("[!.]*")
    )
    for record in records:
        truth = yaml.safe_load(
            (built.root / f"data/transcriptions/{record['source']}.yaml").read_text()
        )
        assert record["band"] == truth["band"]
        assert record["topic"].split() == truth["topic"].split()


def test_the_dataset_loads_where_people_load_it(built: Clone, tmp_path: Path) -> None:
    path = str(built.root / "data/dataset/dataset.jsonl")
    loaded = datasets.load_dataset("json", data_files=path, split="train", cache_dir=str(tmp_path))
    assert loaded.column_names == FIELDS
    assert list(pd.read_json(path, lines=True)["essay"]) == list(loaded["essay"])


def test_a_second_repro_does_nothing(built: Clone) -> None:
    before = lock(built)
    told = built.dvc("repro")
    assert "Data and pipelines are up to date." in told
    assert "Running stage" not in told
    assert lock(built) == before
    assert built.run("git", "status", "--porcelain") == ""


TORCH_LOADED = re.compile(r"\| +torch$", re.M)
TELL_IMPORTS = {"PYTHONPROFILEIMPORTTIME": "1"}


def test_recognize_starts_warm(copy: Clone) -> None:
    told = copy.dvc("repro", "--force", "recognize", RESULT_STORE="off", **TELL_IMPORTS)
    assert "Running stage 'recognize'" in told
    assert not TORCH_LOADED.search(told)
    assert copy.run("git", "status", "--porcelain") == ""
    copy.wait_for_warm_process()


def test_another_clone_without_warm_starts_gives_the_same_lock(
    built: Clone, new_clone: Callable[..., Clone]
) -> None:
    other = new_clone("other-clone-with-a-longer-name", pages=2)
    told = other.dvc("repro", "recognize", STAGE_SERVER="off", **TELL_IMPORTS)
    assert TORCH_LOADED.search(told)
    other.dvc("repro", STAGE_SERVER="off")
    assert lock(other) == lock(built)
    assert (other.root / "metrics/scores.json").read_text() == (
        built.root / "metrics/scores.json"
    ).read_text()


@pytest.mark.usefixtures("warm")
def test_a_changed_setting_runs_only_what_follows_from_it(copy: Clone) -> None:
    option = copy.root / "conf/correct/channel.yaml"
    option.write_text(option.read_text().replace("chain: [channel]", "chain: [notebook]"))
    told = copy.dvc("repro")
    ran = [line.split("'")[1] for line in told.splitlines() if line.startswith("Running stage")]
    assert ran == ["params", "correct", "assemble", "evaluate"]
    record = json.loads((copy.root / "data/dataset/provenance.jsonl").read_text().splitlines()[0])
    assert {edit["corrector"] for edit in record["edits"]} == {"notebook"}


def test_a_misspelt_key_stops_before_any_heavy_stage(copy: Clone) -> None:
    option = copy.root / "conf/segment/seams.yaml"
    option.write_text(option.read_text().replace("thresholds:", "tresholds:"))
    told = copy.dvc("repro", check=False)
    assert "params: conf: segment.thresholds: not set; segment.tresholds: no such setting" in told
    assert "Traceback" not in told
    assert "Running stage 'segment'" not in told


@pytest.mark.usefixtures("warm")
def test_an_experiment_overrides_settings(copy: Clone) -> None:
    told = copy.dvc(
        "exp",
        "run",
        "-S",
        "recognize.num_beams=2",
        "-S",
        "segment=projection",
        "-S",
        "segment.thresholds=[0.08]",
    )
    assert "Running stage 'crop'" not in told
    page = next((copy.root / "data/raw").glob("*.json"))
    raw = json.loads(page.read_text())
    provenance = (copy.root / "data/dataset/provenance.jsonl").read_text().splitlines()
    assert {json.loads(line)["candidate"] for line in provenance} == {"projection@0.08"}
    assert {len(reading["hypotheses"]) for reading in raw["readings"]} == {2}
    compared = copy.dvc("params", "diff")
    assert "recognize.num_beams" in compared


def test_a_group_option_is_composed_and_its_missing_hub_is_one_line(copy: Clone) -> None:
    told = copy.dvc("exp", "run", "-S", "recognize=trocr_large", check=False)
    assert "microsoft/trocr-large-handwritten: could not be had from the model hub" in told
    assert "Traceback" not in told


@pytest.mark.usefixtures("warm")
def test_the_notebook_preset_runs(copy: Clone) -> None:
    for surplus in sorted((copy.root / "data/pages").glob("[!.]*"))[1:]:
        surplus.unlink()
    copy.dvc(
        "exp",
        "run",
        "-S",
        "+experiment=notebook",
        "-S",
        "recognize.checkpoint=models/embedded",
        "-S",
        "recognize.max_new_tokens=96",
    )
    provenance = json.loads(
        (copy.root / "data/dataset/provenance.jsonl").read_text().splitlines()[0]
    )
    assert provenance["selector"] == "longest"
    assert {edit["corrector"] for edit in provenance["edits"]} == {"notebook"}


def test_a_stage_runs_alone_with_overrides(copy: Clone) -> None:
    copy.stage("segment", "segment.thresholds=[0.1]", "segment.crop.width=page")
    lines = json.loads(next((copy.root / "data/lines").glob("*/lines.json")).read_text())
    assert [candidate["name"] for candidate in lines["candidates"]] == ["seams@0.1"]
    told = copy.stage("segment", "segment.thresholds=[2]", check=False)
    assert told.count("\n") == 1
    assert "segment.thresholds.0=2" in told
