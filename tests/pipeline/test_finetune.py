import json
import sys

import pytest

from tests.pipeline.conftest import Clone

pytestmark = pytest.mark.usefixtures("warm")

FINETUNE = (sys.executable, "-m", "training.finetune")


def test_a_checkpoint_trained_on_the_pages_is_used_by_the_pipeline(copy: Clone) -> None:
    said = copy.run(*FINETUNE, "--out", "models/ours", "--epochs", "8", "--rate", "1e-4")
    assert "recognize.checkpoint=models/ours" in said
    told = json.loads((copy.root / "models/ours/finetune.json").read_text())
    assert len(told["pages"]) == len(told["held_out_pages"]) == 1
    assert min(told["lines"], told["held_out_lines"]) > 3
    assert told["cer_after"] < told["cer_before"]
    assert 0 <= told["held_out_cer_after"] < 0.05
    copy.dvc("exp", "run", "-S", "recognize.checkpoint=models/ours")
    for raw in (copy.root / "data/raw").glob("*.json"):
        assert json.loads(raw.read_text())["checkpoint"].startswith("models/ours@")
    scores = json.loads((copy.root / "metrics/scores.json").read_text())
    assert scores["essay_pages_trained_on"] == 1 and "essay_cer_unseen" in scores
    compared = copy.run(sys.executable, "-m", "compare", "HEAD", "workspace")
    assert f"left out: {told['pages'][0]}, the recogniser of workspace was trained" in compared
    further = ("--out", "models/further", "recognize.checkpoint=models/ours", "--epochs", "1")
    copy.run(*FINETUNE, *further, "--seed", "3")  # which alone would hold the other page out
    again = json.loads((copy.root / "models/further/finetune.json").read_text())
    assert again["trained_on"] == told["trained_on"]
    assert again["held_out_pages"] == told["held_out_pages"]
    refused = copy.run(*FINETUNE, "--out", "models/ours", check=False)
    assert "models/ours: is there already" in refused
    assert "Traceback" not in refused


def test_without_transcribed_pages_one_line_says_what_to_do(copy: Clone) -> None:
    for path in sorted((copy.root / "data/transcriptions").glob("*.yaml"))[1:]:
        path.unlink()
    said = copy.run(*FINETUNE, "--out", "models/ours", check=False)
    assert "transcribe more pages" in said
    assert "Traceback" not in said
    assert not (copy.root / "models/ours").exists()
