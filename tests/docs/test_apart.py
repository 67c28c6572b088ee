"""Commands of the guide that want more than a clone: a hub, a cluster, packages, much time.

What takes hours is run with smaller numbers.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from bench.faults import CASES, not_run
from tests.docs.hub import hub_of
from tests.pipeline.conftest import QUIET, Clone

DOWNLOAD = "hf download microsoft/trocr-large-handwritten --local-dir models/trocr-large"
UPLOAD = "hf upload OWNER/NAME exports/sheets --repo-type dataset"
CLUSTER = "export RAY_ADDRESS=auto"
IMPORT = "python -m exchange import labelstudio export.json"
WINDOW = 'make transcribe ARGS="--no-browser"'
AUDIT = "make audit"
KRAKEN = "make kraken"
STORAGE = "pip install dvc-s3"
FUZZER = "pip install atheris==3.0.0"
FUZZ = "python -m tests.fuzz TARGET -max_total_time="
FAULTS = "python -m bench.faults"
BENCHES = {
    "python -m bench.kills": "python -m bench.kills --points 2 --seed 8",
    "python -m bench.load": "python -m bench.load --pages 5",
}
# Each suite with one of its tests: it is run with no other.
SUITES = {
    "make test": "test_blank_ink_has_no_slope",
    "make longtest": "test_an_export_of_label_studio_comes_back",
}
RUN = (
    DOWNLOAD,
    UPLOAD,
    CLUSTER,
    IMPORT,
    WINDOW,
    AUDIT,
    KRAKEN,
    STORAGE,
    FUZZER,
    FUZZ,
    FAULTS,
    *BENCHES,
    *SUITES,
)

pytestmark = pytest.mark.long
PATIENCE_S = 60


def shell(clone: Clone, command: str, check: bool = True, **environment: str) -> str:
    """What a command says, typed in the clone."""
    if not (clone.root / ".venv").exists():
        (clone.root / ".venv").symlink_to(sys.prefix)
    said = clone.run(
        "bash", "-c", command, check=check, MAKEFLAGS="-o .venv/installed", **environment
    )
    assert "Traceback" not in said
    return said


def test_a_checkpoint_is_downloaded_and_read_with(copy: Clone, tmp_path: Path) -> None:
    with hub_of(copy.root / "models/embedded") as hub:
        online = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1"}
        shell(copy, DOWNLOAD, HF_HOME=str(tmp_path), **online)
    overrides = "-S recognize=trocr_large -S recognize.checkpoint=models/trocr-large"
    said = shell(copy, f"dvc exp run -n local {overrides} recognize")
    assert re.search(r"recognize: (\d+) crops, \1 to read", said), said


def test_a_dataset_is_uploaded_as_it_is(copy: Clone, tmp_path: Path) -> None:
    shell(copy, "python -m exchange export huggingface --out exports/sheets")
    with hub_of(tmp_path) as hub:
        online = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1"}
        shell(copy, UPLOAD, HF_HOME=str(tmp_path), HF_TOKEN="hf_none", **online)
    folder = copy.root / "exports/sheets"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert hub.uploaded == {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_cluster_of_this_machine_reads(copy: Clone) -> None:
    folder = tempfile.mkdtemp(prefix="rt-", dir="/tmp")  # sockets' paths have to be short
    home = {"RAY_TMPDIR": folder, "RAY_USAGE_STATS_ENABLED": "0"}
    start = "ray start --head --block --node-ip-address=127.0.0.1 --port=0 --num-cpus=1"
    head = subprocess.Popen(
        [*start.split(), "--include-dashboard=false"],
        env={**os.environ, **QUIET, **home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + PATIENCE_S
        while not (Path(folder) / "ray/ray_current_cluster").exists():
            assert head.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        run = "dvc exp run -n cluster -S recognize.engine=ray -S recognize.num_beams=3 recognize"
        said = shell(copy, f"{CLUSTER}; {run}", **home)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(head.pid, signal.SIGTERM)
        head.wait(PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)
    assert re.search(r"recognize: (\d+) crops, \1 to read", said), said


def test_an_export_of_label_studio_comes_back(copy: Clone) -> None:
    shell(copy, "python -m exchange export labelstudio --out exports/tasks")
    tasks = json.loads((copy.root / "exports/tasks/tasks.json").read_text())
    for number, task in enumerate(tasks, 1):  # as its server exports what was submitted unchanged
        result = task["predictions"][0]["result"]
        task |= {"id": number, "annotations": [{"id": number, "result": result}]}
    (copy.root / "export.json").write_text(json.dumps(tasks))
    said = shell(copy, IMPORT)
    assert said.count("is so already") == len(tasks)


def test_the_transcribing_window_opens_and_ends(copy: Clone) -> None:
    (copy.root / ".venv").symlink_to(sys.prefix)
    window = subprocess.Popen(
        ["env", "--default-signal=INT", "bash", "-c", f"exec {WINDOW}"],
        cwd=copy.root,
        env={**os.environ, **QUIET, "MAKEFLAGS": "-o .venv/installed"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        found = (re.search(r"http://127\S+", line) for line in window.stdout or ())
        address = next(filter(None, found))[0]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address, timeout=PATIENCE_S) as answer:
            assert answer.status == 200
        os.killpg(window.pid, signal.SIGINT)
        window.communicate(timeout=PATIENCE_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(window.pid, signal.SIGKILL)
        window.wait()


def test_the_audit_says_what_it_could_ask(copy: Clone) -> None:
    done = subprocess.run(
        ["bash", "-c", f"test -e .venv || ln -s {sys.prefix} .venv; {AUDIT}"],
        cwd=copy.root,
        env={**os.environ, **QUIET, "MAKEFLAGS": "-o .venv/installed"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout
    assert re.search(r"^audit: ", done.stdout, re.MULTILINE), done.stdout


def test_kraken_is_installed_and_finds_the_lines(copy: Clone) -> None:
    shell(copy, KRAKEN)
    said = shell(copy, "dvc exp run -n peer -S segment=kraken segment")
    assert "python -m stages.segment" in said
    found = [json.loads(p.read_text()) for p in (copy.root / "data/lines").glob("*/lines.json")]
    assert len(found) == 2
    assert all(candidate["lines"] for page in found for candidate in page["candidates"])
    shutil.rmtree(copy.root / ".cache/kraken")  # 6 GB


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """An environment to install into, which has the project's packages as well."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    (own,) = (Path(sys.prefix) / "lib").glob("python*/site-packages")
    (site / "project.pth").write_text(f"{own}\n")
    return tmp_path / "venv/bin"


def typed_in(packages: Path, clone: Clone, command: str) -> str:
    return clone.run("bash", "-c", command, PATH=f"{packages}{os.pathsep}{QUIET['PATH']}")


def test_dvc_can_store_elsewhere(copy: Clone, packages: Path) -> None:
    typed_in(packages, copy, STORAGE)
    assert "s3" in typed_in(packages, copy, "python -m dvc version")


@pytest.mark.parametrize("target", ["page_reader", "transcription_reader", "layout_parser"])
def test_the_readers_are_fuzzed(copy: Clone, packages: Path, target: str) -> None:
    typed_in(packages, copy, FUZZER)
    said = typed_in(packages, copy, f"{FUZZ.replace('TARGET', target)}5")
    assert re.search(r"Done \d+ (runs|in)", said), said


@pytest.mark.parametrize("case", CASES)
def test_every_fault_ends_well(copy: Clone, case: str) -> None:
    if reason := not_run(case):
        pytest.skip(reason)
    assert "well " in shell(copy, f"{FAULTS} {case}")


@pytest.mark.parametrize("command", BENCHES.values())
def test_the_benches_of_reliability_run(copy: Clone, command: str) -> None:
    said = shell(copy, command)
    assert "BAD" not in said


@pytest.mark.parametrize("command", SUITES)
def test_the_suites_run(copy: Clone, command: str) -> None:
    assert re.search(r"\b1 passed", shell(copy, command, PYTEST_ADDOPTS=f"-k {SUITES[command]}"))
