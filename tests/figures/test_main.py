import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    "README.md",
    "bench/README.md",
    "bench/results",
    "docs/experiments.md",
    "docs/transcribing.md",
    "metrics/scores.json",
)


def _figures(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "figures", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, check=False
    )


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """The project's READMEs and what their figures are made from."""
    for part in PARTS:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, tmp_path / part)
    return tmp_path


def test_the_readmes_are_in_step_with_what_was_measured() -> None:
    done = _figures(ROOT, "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_new_scores_are_noticed_and_written(documents: Path) -> None:
    path = documents / "metrics/scores.json"
    scores = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(scores | {"topic_cer": 0.43}), encoding="utf-8")
    behind = _figures(documents, "--check")
    assert behind.returncode == 1
    assert behind.stderr.startswith("figures: README.md: not in step")
    assert behind.stderr.endswith("run `make figures`\n")
    assert len(behind.stderr.splitlines()) == 1

    before = (documents / "README.md").read_text(encoding="utf-8")
    assert _figures(documents).stdout == "README.md: written\nbench/README.md: written\n"
    after = (documents / "README.md").read_text(encoding="utf-8")
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert len(changed) == 1
    assert "the eight samples" in changed[0] and "topic CER 43 %" in changed[0]
    assert _figures(documents, "--check").returncode == 0
    assert _figures(documents).stdout == ""


def test_a_comparison_of_other_scores_is_noticed(documents: Path) -> None:
    path = documents / "metrics/scores.json"
    scores = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(scores | {"essay_wer": 0.4321}), encoding="utf-8")
    _figures(documents)
    behind = _figures(documents, "--check")
    assert behind.returncode == 1
    told = "figures: bench/results/comparison.txt: WER corrected in A is not that of metrics/scores"
    assert behind.stderr.startswith(told)
    assert behind.stderr.endswith("then `make figures`\n")
    assert len(behind.stderr.splitlines()) == 1


def test_what_is_missing_is_named_in_one_line(documents: Path) -> None:
    result = documents / "bench/results/real.json"
    result.unlink()
    done = _figures(documents)
    assert done.returncode == 1
    assert "--save bench/results/real.json" in done.stderr
    (documents / "metrics/scores.json").write_text("{}", encoding="utf-8")
    shutil.copy2(ROOT / "bench/results/real.json", result)
    done = _figures(documents)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
