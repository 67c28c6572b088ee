"""Stages run in a fork of a process that has loaded their libraries, and do what they ever do."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.running.warm import ACCEPTED
from stages.running.warm_server import code_in

ROOT = Path(__file__).parents[2]
LOGGER = "stages.evaluate.tracking.run"  # waits for a line on standard input
Told = tuple[int, str, str]


def checkout(folder: Path) -> Path:
    """A copy of the code and the settings."""
    for name in ("stages", "conf"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("dvc.yaml", "pyproject.toml"):
        shutil.copy2(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout whose code is kept loaded."""
    return checkout(tmp_path_factory.mktemp("loaded"))


@pytest.fixture(scope="module")
def address(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a process that has loaded the stages answers."""
    address = str(tmp_path_factory.mktemp("warm") / "stages")
    command = [sys.executable, "-m", "stages.running.warm_server", address]
    with subprocess.Popen(command, cwd=loaded, stdin=subprocess.PIPE) as server:
        try:
            until = time.monotonic() + 60
            with socket.socket(socket.AF_UNIX) as client:
                while client.connect_ex(address):
                    assert server.poll() is None
                    assert time.monotonic() < until
                    time.sleep(0.1)
            yield address
        finally:
            assert server.stdin
            server.stdin.close()
            assert server.wait(5) == 0  # it ends with its standard input


def run(*command: str, folder: Path = ROOT, **variables: str) -> Told:
    """A module's exit code and streams; Python tells on stderr what the process itself imports."""
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1", **variables}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def loads(told: Told) -> bool:
    """Whether the process loaded the stages' libraries itself."""
    return bool(re.search(r"\| +numpy$", told[2], re.M))


def said(told: Told) -> Told:
    """What the module itself said."""
    lines = [line for line in told[2].splitlines() if not line.startswith("import time:")]
    return told[0], told[1], "\n".join(lines)


@pytest.mark.parametrize("command", [["stages.segment", "--help"], ["stages.crop", "crop.no=1"]])
def test_a_stage_does_and_says_the_same(command: list[str], address: str) -> None:
    warm, cold = run(*command, STAGE_SERVER=address), run(*command)
    assert said(warm) == said(cold)
    assert not loads(warm)
    assert loads(cold)


def test_it_works_in_the_callers_folder_and_environment(address: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    told = run("stages.params", folder=folder, STAGE_SERVER=address)
    assert told[0] == 0
    assert not loads(told)
    assert (folder / "params.yaml").read_bytes() == (ROOT / "params.yaml").read_bytes()

    (folder / "data/pages").mkdir(parents=True)
    (folder / "data/pages/a.png").write_bytes(b"")
    told = run("stages.crop", folder=folder, STAGE_SERVER=address, PAGE_WORKERS="none")
    assert told[0] == 1
    assert not loads(told)
    assert "PAGE_WORKERS=none" in told[2]


def test_other_code_is_not_run_by_what_has_loaded_this(address: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    assert code_in(folder) == code_in(ROOT)
    with (folder / "stages/segment/crops.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    told = run("stages.segment", "--help", folder=folder, STAGE_SERVER=address)
    assert told[0] == 0
    assert loads(told)


def test_what_was_edited_since_is_not_run(address: str, loaded: Path) -> None:
    script = loaded / "stages/evaluate/report/report.js"  # read when it is used
    before = script.read_bytes()
    script.write_bytes(before + b"// edited")
    told = run("stages.segment", "--help", STAGE_SERVER=address)
    script.write_bytes(before)
    assert told[0] == 0
    assert loads(told)
    assert not loads(run("stages.segment", "--help", STAGE_SERVER=address))


def test_nobody_there(tmp_path: Path) -> None:
    told = run("stages.segment", "--help", STAGE_SERVER=str(tmp_path / "gone"))
    assert told[0] == 0
    assert loads(told)


def test_streams_are_the_callers_and_what_is_killed_leaves_nothing(address: str) -> None:
    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", LOGGER],
            cwd=ROOT,
            env={**os.environ, "STAGE_SERVER": address},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    with start() as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "\n"
        process.stdin.close()  # no settings come: it has nothing to log
        assert process.wait(10) == 0

    with start() as process:
        assert process.stdout
        assert process.stdout.readline() == "\n"
        process.kill()
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()  # to its end, when nobody can write to it any more
        reader.join(10)
        assert not reader.is_alive()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("answer", "code"), [(b"7\n", 7), (b"", 1)])
def test_the_exit_code_is_what_is_told_and_1_where_nothing_is(
    answer: bytes, code: int, tmp_path: Path
) -> None:
    address = str(tmp_path / "stages")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                line, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
                while not line.endswith(b"\n"):
                    line += connection.recv(1 << 20)
                os.write(streams[1], b"here")
                connection.sendall(ACCEPTED + answer)
                for stream in streams:
                    os.close(stream)

        server = threading.Thread(target=serve)
        server.start()
        told = said(run("stages.segment", STAGE_SERVER=address))
        server.join()
    assert told[:2] == (code, "here")
    assert ("was killed" in told[2]) == (not answer)
