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
