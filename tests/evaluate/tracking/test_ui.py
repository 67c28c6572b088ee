"""MLflow's own pages as `make ui` serves them: to this machine's user, not to other sites."""

import http.client
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.evaluate.tracking.servers import PATIENCE_S, free_port

SEARCH = "/ajax-api/2.0/mlflow/experiments/search"
MAKE = "/ajax-api/2.0/mlflow/experiments/create"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[int]:
    """Where the command of `make ui` listens."""
    folder = tmp_path_factory.mktemp("ui")
    shutil.copy(empty_store, folder / "mlflow.db")
    told = subprocess.run(
        ["make", "--no-print-directory", "-n", "ui"], capture_output=True, text=True, check=True
    ).stdout
    command = shlex.split(told.strip().splitlines()[-1])
    settings = {}
    while "=" in command[0]:
        name, value = command.pop(0).split("=")
        settings[name] = value
    port = free_port()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1"],
            cwd=folder,
            env={
                **os.environ,
                **settings,
                "PATH": path,
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + PATIENCE_S
        while _status(port, "GET", "/health") != 200:
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _status(port: int, method: str, path: str, **headers: str) -> int:
    """The answer's status; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        body = '{"name": "made", "max_results": 1}' if method == "POST" else None
        connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_it_listens_on_loopback_only(port: int) -> None:
    open_at = {
        connection.laddr.ip
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }
    assert open_at == {"127.0.0.1"}


@pytest.mark.parametrize("host", ["evil.example", "10.0.0.7", "localhost.evil.example"])
def test_a_name_that_was_made_to_point_here_is_refused(port: int, host: str) -> None:
    assert _status(port, "POST", SEARCH, Host=f"localhost:{port}") == 200
    assert _status(port, "POST", SEARCH, Host=f"{host}:{port}") == 403


def test_another_site_s_page_can_change_nothing(port: int) -> None:
    assert _status(port, "POST", MAKE, Origin="https://evil.example") == 403
    assert _status(port, "POST", MAKE, Origin=f"http://127.0.0.1:{port}") == 200
