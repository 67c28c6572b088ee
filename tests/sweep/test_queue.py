import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages.config.composition import compose_yaml, parse
from stages.errors import UserError
from sweep.presets import Point
from sweep.queue import WORKERS, put, workers


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


def test_a_point_that_dvc_refuses_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = Point({"recognize.num_beams": "1"}, parse(compose_yaml(), "conf"))
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    monkeypatch.chdir(tmp_path)  # no checkout of DVC's
    with pytest.raises(UserError, match="--name one: NotDvcRepoError: you are not inside of a DVC"):
        put({"one": point, "other": point})
