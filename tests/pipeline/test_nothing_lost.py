import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from PIL import Image, ImageDraw, ImageFont

from tests.pipeline.conftest import Clone

pytestmark = pytest.mark.usefixtures("warm")


def rejected(clone: Clone) -> dict[str, str]:
    path = clone.root / "data/dataset/rejected.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["source"]: row["reason"] for row in rows}


ODD_NAMES = ['it\'s "5" <b>&名前', "x" * 200]


def test_bad_pages_are_rejected_and_the_others_untouched(copy: Clone) -> None:
    """Pages come, one goes: `dvc repro` takes the folder as it is now."""
    dataset = copy.root / "data/dataset/dataset.jsonl"
    before = [json.loads(line) for line in dataset.read_text().splitlines()]
    pages = copy.root / "data/pages"
    first, second = sorted(pages.glob("[!.]*"))
    second.unlink()
    for name in ODD_NAMES:
        shutil.copy2(first, pages / f"{name}.png")
    (pages / "two\nlines.png").write_bytes(first.read_bytes())
    (pages / "linked.png").symlink_to(copy.root / "README.md")
    (pages / "folder.png").mkdir()
    (pages / "folder.png/inside.png").write_bytes(first.read_bytes())
    (pages / "empty.png").write_bytes(b"")
    (pages / "text.png").write_text("no image")
    (pages / "notes.docx").write_text("x")
    Image.new("L", (1240, 1754), 250).save(pages / "blank.png")
    essay = Image.new("L", (1240, 900), 250)
    for row in range(6):
        font = ImageFont.load_default(40)
        ImageDraw.Draw(essay).text((100, 100 + 90 * row), "only some words here", 20, font)
    essay.save(pages / "noanchors.png")
    told = copy.dvc("repro")
    reasons = rejected(copy)
    named = {"empty.png", "text.png", "notes.docx", "blank.png", "noanchors.png"}
    assert set(reasons) == named | {"two\\nlines.png", "linked.png", "folder.png"}
    assert all(reasons.values())
    written = {row["source"]: row for row in map(json.loads, dataset.read_text().splitlines())}
    assert written.keys() == {first.stem, *ODD_NAMES}
    assert written[first.stem] == before[0]
    for row in written.values():
        assert row | {"source": first.stem} == before[0]
    scores = json.loads((copy.root / "metrics/scores.json").read_text())
    assert (scores["pages_done"], scores["pages_rejected"]) == (3, 8)
    summary = copy.stage("evaluate.summary")
    for name in reasons:
        assert f"  {name} (" in summary
    assert "Traceback" not in told


def test_among_a_thousand_bad_pages_the_good_ones_are_untouched(copy: Clone) -> None:
    dataset = copy.root / "data/dataset/dataset.jsonl"
    before = dataset.read_bytes()
    pages = copy.root / "data/pages"
    Image.new("L", (1, 1), 250).save(pages / "0000.png")
    for number in range(1, 1000):
        shutil.copyfile(pages / "0000.png", pages / f"{number:04}.png")
    copy.dvc("repro")
    reasons = rejected(copy)
    assert reasons.keys() == {f"{number:04}.png" for number in range(1000)}
    assert all("blank" in reason for reason in reasons.values())
    assert dataset.read_bytes() == before
    scores = json.loads((copy.root / "metrics/scores.json").read_text())
    assert (scores["pages_done"], scores["pages_rejected"]) == (2, 1000)


def test_on_reject_fail_stops_at_the_first(copy: Clone) -> None:
    (copy.root / "data/pages/empty.png").write_bytes(b"")
    told = copy.stage("crop", "on_reject=fail", check=False)
    assert told.strip().startswith("crop: empty.png: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize("gone", ["emptied", "missing"])
def test_no_pages_is_one_line(copy: Clone, gone: str) -> None:
    shutil.rmtree(copy.root / "data/pages")
    if gone == "emptied":
        (copy.root / "data/pages").mkdir()
    told = copy.stage("crop", check=False)
    assert "data/pages" in told
    assert told.count("\n") == 1


def test_no_tesseract_is_one_line(copy: Clone, tmp_path: Path) -> None:
    told = copy.stage("crop", check=False, PATH=str(tmp_path))
    assert "tesseract-ocr" in told
    assert told.count("\n") == 1


def test_a_missing_checkpoint_is_one_line(copy: Clone) -> None:
    told = copy.stage("recognize", "recognize.checkpoint=models/gone", check=False)
    assert told == ("recognize: models/gone: no such checkpoint folder; set recognize.checkpoint\n")


def test_a_malformed_transcription_is_one_line(copy: Clone) -> None:
    path = next((copy.root / "data/transcriptions").glob("*.yaml"))
    path.write_text("topic: a: b\n")
    told = copy.stage("evaluate", check=False)
    assert f"{path.relative_to(copy.root)}: line 1" in told
    assert told.count("\n") == 1


def test_pages_without_transcriptions_make_a_dataset_without_scores(copy: Clone) -> None:
    shutil.rmtree(copy.root / "data/transcriptions")
    (copy.root / "data/transcriptions").mkdir()
    copy.dvc("repro")
    scores = json.loads((copy.root / "metrics/scores.json").read_text())
    assert scores["pages_done"] == 2
    assert not any("cer" in name for name in scores)


def test_an_unreachable_tracking_server_costs_no_metrics(copy: Clone) -> None:
    shutil.rmtree(copy.root / "metrics")
    told = copy.run(
        sys.executable,
        "-m",
        "stages.evaluate",
        MLFLOW_TRACKING_URI="http://127.0.0.1:9",
        **{k: os.environ[k] for k in ("HOME",)},
    )
    assert "mlflow" in told.lower()
    assert (copy.root / "metrics/scores.json").exists()


def test_what_dvc_restores_from_its_run_cache_is_logged_by_one_command(copy: Clone) -> None:
    (copy.root / "mlflow.db").unlink()
    shutil.rmtree(copy.root / "metrics")
    assert "cached" in copy.dvc("repro")
    assert not (copy.root / "mlflow.db").exists()
    told = copy.stage("evaluate.tracking")
    assert told.startswith("logged to MLflow at sqlite:///")
    run = MlflowClient(f"sqlite:///{copy.root}/mlflow.db").get_run(told.split()[-1])
    scores = json.loads((copy.root / "metrics/scores.json").read_text())
    assert run.data.metrics["essay_cer"] == scores["essay_cer"]
    (copy.root / "data/dataset/dataset.jsonl").write_text("")
    refused = copy.stage("evaluate.tracking", check=False)
    assert refused == "tracking: metrics/ is out of step with data/dataset; run `dvc repro` first\n"
