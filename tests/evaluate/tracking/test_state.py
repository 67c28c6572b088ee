import subprocess
import sys
from pathlib import Path

import yaml

from stages.config.settings import Params
from stages.evaluate.tracking.state import folder_digest, pipeline_state, upstream_lock

LOCK = """
stages:
  params: {deps: [{path: conf, md5: "1"}]}
  crop: {deps: [{path: data/pages, md5: "PAGES"}]}
  evaluate: {deps: [{path: data/dataset, md5: "OWN"}]}
"""


def test_the_state_follows_inputs_settings_dataset_and_transcriptions(
    params: Params, workplace: Path
) -> None:
    lock = workplace / "dvc.lock"
    states = {pipeline_state(params)}
    lock.write_text(LOCK, encoding="utf-8")
    states.add(pipeline_state(params))
    lock.write_text(LOCK.replace("PAGES", "other"), encoding="utf-8")
    states.add(pipeline_state(params))
    states.add(pipeline_state(params.model_copy(update={"on_reject": "fail"})))
    (workplace / "data/transcriptions/c.yaml").write_text("band: 5\n", encoding="utf-8")
    states.add(pipeline_state(params))
    (workplace / "data/dataset/dataset.jsonl").write_text("", encoding="utf-8")
    states.add(pipeline_state(params))
    assert len(states) == 6


def test_the_state_leaves_evaluates_own_entry_out(params: Params, workplace: Path) -> None:
    lock = workplace / "dvc.lock"
    lock.write_text(LOCK, encoding="utf-8")
    before, upstream = pipeline_state(params), upstream_lock()
    assert upstream.keys() == {"crop"}
    lock.write_text(LOCK.replace("OWN", "after the run"), encoding="utf-8")
    assert pipeline_state(params) == before
    assert upstream_lock() == upstream


def test_a_folders_digest_is_dvcs(workplace: Path) -> None:
    dvc = [sys.executable, "-m", "dvc"]
    (workplace / "data/dataset/deeper").mkdir()
    (workplace / "data/dataset/deeper/ä.txt").write_text("ö", encoding="utf-8")
    subprocess.run([*dvc, "init", "--no-scm", "-q"], check=True)
    subprocess.run([*dvc, "add", "-q", "data/dataset"], check=True)
    pointer = yaml.safe_load((workplace / "data/dataset.dvc").read_text(encoding="utf-8"))
    assert folder_digest(Path("data/dataset")) == pointer["outs"][0]["md5"]
