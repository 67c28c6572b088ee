"""Stages run in a fork of a process that has loaded their libraries, and do what they ever do."""

import fcntl
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
# A shell's background jobs, of which the tests may be one, have Ctrl-C ignored.
PYTHON = ["env", "--default-signal=INT", sys.executable]
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
    with subprocess.Popen(["sleep", "600"]) as keeper:
        command = [*PYTHON, "-m", "stages.running.warm_server", address, str(keeper.pid)]
        with subprocess.Popen(command, cwd=loaded) as server:
            until = time.monotonic() + 60
            while not Path(address).exists():
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
            assert Path(address).stat().st_mode & 0o077 == 0  # who may connect may run code
            yield address
            keeper.kill()
            assert server.wait(30) == 0  # it ends with the process that it is kept for
    assert not Path(address).exists()


def test_it_ends_with_its_process_while_it_still_loads(loaded: Path, tmp_path: Path) -> None:
    address = str(tmp_path / "stages")
    with subprocess.Popen(["sleep", "600"]) as keeper:
        command = [*PYTHON, "-X", "importtime", "-m", "stages.running.warm_server"]
        with subprocess.Popen(
            [*command, address, str(keeper.pid)], cwd=loaded, stderr=subprocess.PIPE, text=True
        ) as server:
            assert server.stderr
            while not Path(address).exists():
                assert server.poll() is None
                time.sleep(0.01)
            keeper.kill()
            _, told = server.communicate(timeout=30)
    assert server.returncode == 0
    assert not Path(address).exists()
    assert not re.search(r"\| +torch$", told, re.M)


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


@pytest.mark.parametrize("named", ["gone", "off", ""])
def test_nobody_there(named: str) -> None:
    told = run("stages.segment", "--help", STAGE_SERVER=named)
    assert told[0] == 0
    assert loads(told)


def test_what_a_fork_writes_has_the_usual_rights(address: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    assert run("stages.params", folder=folder, STAGE_SERVER=address)[0] == 0
    (folder / "plain").write_text("")
    assert (folder / "params.yaml").stat().st_mode == (folder / "plain").stat().st_mode


def start(address: str, module: str, folder: Path = ROOT) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PYTHON, "-m", module],
        cwd=folder,
        env={**os.environ, "STAGE_SERVER": address},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_the_fork_as_it_ends_a_stage(address: str, tmp_path: Path) -> None:
    folder = os.open(checkout(tmp_path), os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # the stage waits for whoever works there
    with start(address, "stages.assemble", tmp_path) as process:
        assert process.stderr
        assert "waiting for it to end" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=10)
        finally:
            process.kill()
            os.close(folder)
    assert process.returncode == 130
    assert said == "assemble: interrupted; `dvc repro` goes on from here\n"


def test_streams_are_the_callers_and_what_is_killed_leaves_nothing(address: str) -> None:
    with start(address, LOGGER) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "\n"
        process.stdin.close()  # no settings come: it has nothing to log
        assert process.wait(10) == 0

    with start(address, LOGGER) as process:
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
