"""Faults caused for real; `python -m bench.kills` and `python -m bench.faults` have them all."""

import fcntl
import os
import random
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from bench.caused import (
    STOPS_WITHIN_S,
    UNABLE,
    Told,
    interrupted,
    on_full_disk,
    outs,
    read_only,
    remove,
)
from bench.runs import bad_objects, contents, differences, finish, kill, mend, start
from tests.pipeline.conftest import Clone

KILLS = 3
SEGMENT = [sys.executable, "-m", "stages.segment"]


def whole(clone: Clone, built: Clone) -> bool:
    """Whether `dvc repro` makes of the clone what it was."""
    finish(clone.root)
    return not differences(contents(clone.root), contents(built.root)) + bad_objects(clone.root)


def test_what_is_left_of_killed_runs_is_never_believed(copy: Clone, built: Clone) -> None:
    rng = random.Random(8)
    for kind in rng.sample(["all", "dvc", "one"], KILLS):
        run = start(copy.root, "--force", "segment")
        with suppress(subprocess.TimeoutExpired):
            run.wait(rng.uniform(1, 5))
        kill(run, kind, rng)
        run.wait()
        mend(copy.root)
    assert whole(copy, built)
    assert copy.stage("recognize").split(", ")[1] == "0 to read\n"


def test_a_full_disk_is_one_line_and_the_next_run_is_right(copy: Clone, built: Clone) -> None:
    for out in outs(copy.root, "segment"):
        remove(out)
    told = on_full_disk(copy.root, SEGMENT, "40K")
    if told.code == UNABLE:
        pytest.skip("no file system may be mounted here")
    assert told.said.count("\n") == 1, told.said
    assert told.said.startswith("segment: data/lines/")
    assert "no space left on device; free some space, then run the command again" in told.said
    told_next = copy.stage("recognize", check=False)
    assert told_next.startswith("recognize: data/lines/rejected.jsonl: cannot be read (")
    assert told_next.count("\n") == 1
    assert whole(copy, built)


def test_where_dvc_has_no_room_for_its_copies_the_stage_fails(copy: Clone, built: Clone) -> None:
    for left in ("dvc.lock", ".dvc/cache", ".dvc/tmp"):
        remove(copy.root / left)
    told = on_full_disk(copy.root, [sys.executable, "-m", "dvc", "repro", "crop"], "1600K")
    if told.code == UNABLE:
        pytest.skip("no file system may be mounted here")
    assert told.code != 0
    assert "\ncrop: " in told.said
    assert "no room for DVC's copy of what this stage wrote: " in told.said, told.said
    assert "failed to transfer" not in told.said
    assert whole(copy, built)


@pytest.mark.parametrize("stage", ["params", "segment"])
def test_a_folder_that_may_not_be_written_is_one_line(copy: Clone, stage: str) -> None:
    told = read_only(copy.root, stage)
    assert told.code == 1
    assert told.said.count("\n") == 1, told.said
    assert "permission denied; make it writable for you" in told.said


def test_ctrl_c_while_libraries_load_is_one_line_and_quick(copy: Clone, built: Clone) -> None:
    told = interrupted(copy.root, "recognize", 0.3)
    check_interrupted(told)
    assert whole(copy, built)


def check_interrupted(told: Told) -> None:
    assert told.code != 0
    assert told.said.count("interrupted; `dvc repro` goes on from here") == 1, told.said
    assert "Traceback" not in told.said
    assert told.seconds < stops_within_s()


def stops_within_s() -> float:
    """`STOPS_WITHIN_S`, as many times as processes share a core: what hangs fails at any load."""
    return STOPS_WITHIN_S * max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def test_a_stage_waits_for_one_that_goes_on_without_its_dvc(copy: Clone) -> None:
    folder = os.open(copy.root, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with subprocess.Popen(SEGMENT, cwd=copy.root, stderr=subprocess.PIPE, text=True) as stage:
        assert stage.stderr
        assert stage.stderr.readline() == (
            "segment: another stage is still at work here; waiting for it to end\n"
        )
        time.sleep(0.2)
        assert stage.poll() is None
        os.close(folder)
        assert stage.stderr.read() == ""
    assert stage.returncode == 0


def test_a_second_repro_at_once_is_refused_and_the_first_ends_well(
    copy: Clone, built: Clone
) -> None:
    folder = os.open(copy.root, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # the first one's stage waits for it, however long it takes
    first = start(copy.root, "--force", "--single-item", "recognize")
    while "Running stage" not in (copy.root / "said").read_text(encoding="utf-8"):
        time.sleep(0.05)
    (copy.root / "data/raw/rejected.jsonl").unlink(missing_ok=True)
    second = copy.dvc("repro", "recognize", check=False)
    os.close(folder)
    assert "is busy, it is being blocked by" in second
    assert "Traceback" not in second
    assert first.wait() == 0
    assert not differences(contents(copy.root), contents(built.root))
