import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages.config.composition import compose_yaml, parse
from stages.errors import UserError
from sweep.presets import Point
from sweep.queue import WORKERS, put, sources, workers


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


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_checkpoint_of_the_project_is_known_by_its_content(project: Path) -> None:
    ours, before = project / "models/ours/weights", sources("models/ours")
    assert sources(str(project / "models/ours")) == before
    assert sources("models/../models/ours") == before
    assert (
        before != sources("models/embedded") == sources("") == sources("hub/name") == sources("/")
    )
    _write(ours, "two")
    after = sources("models/ours")
    assert after != before
    assert sources("") == sources("models/embedded") != after


def test_a_checkpoint_that_dvc_keeps_is_known_by_what_git_has_of_it(project: Path) -> None:
    (project / "models/theirs").mkdir()
    pointer = project / "models/theirs.dvc"
    _write(pointer, "one")
    subprocess.run(["git", "add", "."], check=True)
    before = sources("models/theirs")
    _write(pointer, "two")
    assert sources("models/theirs") != before
