"""Passwords and tokens of the surroundings: nothing that a run writes or says has one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.evaluate.tracking.store import cause
from sweep.table import read_scores

VARIABLES = {
    "HF_TOKEN": "hf_AbCdEfGhIjKl",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-K7MDENG",
    "MLFLOW_TRACKING_PASSWORD": "battery-staple",
    "PGPASSWORD": "correct-horse",
}
IN_URIS = ["uri-password", "remote-password", "origin-password"]
SERVER = "http://ann:uri-password@127.0.0.1:9"
REMOTE = "https://ann:remote-password@127.0.0.1:9/store"
ORIGIN = "https://ann:origin-password@127.0.0.1:9/project.git"
PIPELINE = """
stages:
  evaluate:
    cmd: python -m stages.evaluate
    outs: [metrics/details.json: {cache: false}]
"""
WHO = ["-c", "user.name=x", "-c", "user.email=x@example.org"]


def _done(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _dvc(*arguments: str) -> None:
    _done(sys.executable, "-m", "dvc", *arguments)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of Git and DVC whose remotes have passwords, in an environment full of them."""
    monkeypatch.chdir(tmp_path)
    _done("git", "init", "-q")
    _done("git", "remote", "add", "origin", ORIGIN)
    _dvc("init", "-q")
    _dvc("remote", "add", "--local", "-d", "store", REMOTE)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def _told(*modules: str) -> str:
    """All that these commands say."""
    said = ""
    for module in modules:
        command = [sys.executable, "-m", module]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
    return said


def _secrets_in(content: bytes) -> list[str]:
    return [secret for secret in (*VARIABLES.values(), *IN_URIS) if secret.encode() in content]


def _written(folder: Path) -> dict[Path, list[str]]:
    """The files that hold a secret, less Git's and DVC's own."""
    own = (folder / ".git", folder / ".dvc")
    return {
        path: found
        for path in folder.rglob("*")
        if path.is_file()
        and not any(path.is_relative_to(part) for part in own)
        and (found := _secrets_in(path.read_bytes()))
    }


def test_a_run_has_no_secret_of_its_surroundings(
    workplace: Path, checkout: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(empty_store, workplace / "mlflow.db")
    _done("git", "add", "params.yaml")
    _done("git", *WHO, "commit", "-qm", "x")
    said = _told("stages.evaluate")
    assert (workplace / "mlartifacts").is_dir(), said
    (workplace / "dvc.yaml").write_text(PIPELINE)
    _dvc("commit", "-q", "--force", "evaluate")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", SERVER)
    said += _told("stages.evaluate.tracking", "stages.evaluate.summary")
    assert "tracking: not logged to MLflow at http://127.0.0.1:9 (" in said
    assert _secrets_in(said.encode()) == []
    assert _written(workplace) == {}
    secret = workplace / "metrics/secret"
    secret.write_text(os.environ["HF_TOKEN"])
    assert list(_written(workplace)) == [secret], "this test finds nothing"


def test_a_remote_that_refuses_is_told_without_its_password(checkout: Path) -> None:
    (checkout / "metrics").mkdir()
    details = checkout / "metrics/details.json"
    details.write_text("{}")
    _dvc("add", "-q", str(details))
    _done("git", "add", ".")
    _done("git", *WHO, "commit", "-qm", "x")
    shutil.rmtree(checkout / ".dvc/cache")
    details.unlink()
    with pytest.raises(UserError, match=r"details\.json cannot be read") as caught:
        read_scores("point", "HEAD")
    assert _secrets_in(str(caught.value).encode()) == []


@pytest.mark.parametrize("name", VARIABLES)
def test_an_error_of_a_client_is_told_without_secrets(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, VARIABLES[name])
    error = ConnectionError(f"403 for {VARIABLES[name]} at {REMOTE}")
    assert cause(error) == "ConnectionError: 403 for *** at https://127.0.0.1:9/store"
