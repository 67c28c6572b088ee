"""A real `mlflow server` over a real PostgreSQL, on loopback, in temporary folders."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

PATIENCE_S = 90


def binaries() -> Path:
    """PostgreSQL's programs; without them the test is skipped, and fails under CI."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb", path=os.pathsep.join([os.environ["PATH"], *map(str, homes)]))
    if found is None:
        told = "PostgreSQL is not installed; `make test` installs it"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    return Path(found).resolve().parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """A cluster of its own in `folder`; as another user for root, whom PostgreSQL refuses."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.port = binaries(), free_port()
        self.folder, self.password = folder / "data", secrets.token_hex(8)
        self.user = "nobody" if os.getuid() == 0 else None
        word = folder / "password"
        word.write_text(self.password, encoding="utf-8")
        if self.user:
            shutil.chown(folder, self.user)
            shutil.chown(word, self.user)
        self._do("initdb", "--username=mlflow", f"--pwfile={word}", "--auth=scram-sha-256", "-N")

    @property
    def uri(self) -> str:
        return f"postgresql+psycopg2://mlflow:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        if self._runs():
            return
        options = f"-p {self.port} -h 127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = self.folder.with_suffix(".log")
        self._do("pg_ctl", "start", "-w", "-o", options, "-l", str(log))

    def stop(self) -> None:
        if self._runs():
            self._do("pg_ctl", "stop", "-w", "-m", "immediate")

    def _runs(self) -> bool:
        return (self.folder / "postmaster.pid").exists()

    def _do(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, "-D", self.folder, *arguments],
            cwd=self.folder.parent,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


class Server:
    """`mlflow server`, which keeps its artifacts in `folder`."""

    def __init__(self, folder: Path, database: Postgres) -> None:
        self.folder, self.database, self.port = folder, database, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://ann:secret@127.0.0.1:{self.port}"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def start(self) -> None:
        """Up and answering afterwards, whatever it was before."""
        self.database.start()
        if self.process is None:
            self.process = self._launch()
        self.go_on()
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.process = None

    def hold(self) -> None:
        """Connections are taken from now on, requests not answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1):
                return True
        except OSError:
            return False

    def _launch(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"),
                    *("--port", str(self.port), "--workers", "1"),
                    *("--artifacts-destination", self.artifacts.as_uri()),
                ],
                cwd=self.folder,
                env=os.environ
                | {
                    "MLFLOW_BACKEND_STORE_URI": self.database.uri,
                    "MLFLOW_DISABLE_TELEMETRY": "true",
                    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def running() -> Iterator[Server]:
    """A server, up; nothing of it is left afterwards."""
    # Not below pytest's own folder, which no other user may enter.
    with ExitStack() as ends:
        data = ends.enter_context(tempfile.TemporaryDirectory(prefix="postgresql-"))
        folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="mlflow-"))
        database = Postgres(Path(data))
        ends.callback(database.stop)
        server = Server(Path(folder), database)
        ends.callback(server.kill)
        server.start()
        yield server
