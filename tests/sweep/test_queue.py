import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sweep.queue import WORKERS, workers


def note(number: int, process: int, returncode: int | None) -> None:
    """What DVC keeps of a worker."""
    WORKERS.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"pid": process, "returncode": returncode})
    (WORKERS / f"dvc-exp-worker-{number}.json").write_text(content)


def test_workers_are_those_that_live_and_are_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert workers() == 0
    code = "import time; print(flush=True); time.sleep(60)"
    waits = [sys.executable, "-c", code, "exp", "queue-worker", "celery"]
    with subprocess.Popen(waits, stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        assert worker.stdout.readline()
        note(1, worker.pid, None)
        note(2, worker.pid, 0)
        note(3, os.getpid(), None)
        assert workers() == 1
        worker.kill()
    assert workers() == 0
