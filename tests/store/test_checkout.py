from pathlib import Path

import pytest
from dvc.config import Config

from stages.store.checkout import cache_folder, project_root


@pytest.mark.parametrize("tail", ["", ".dvc/tmp/exps/tmpab12", ".dvc/tmp/exps/standalone/tmpab12"])
def test_the_checkout_of_an_experiment_is_the_users(tmp_path: Path, tail: str) -> None:
    workspace = tmp_path / tail
    workspace.mkdir(parents=True, exist_ok=True)
    assert project_root({"DVC_ROOT": str(workspace)}) == tmp_path


def test_outside_of_dvc_it_is_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_root({}) == tmp_path


def test_dvc_says_where_its_cache_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "global"))
    assert cache_folder(tmp_path) == tmp_path / ".dvc/cache/files/md5"
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(
        "[core]\n    analytics = false\n['remote \"x\"']\n    url = /y\n"
    )
    assert cache_folder(tmp_path) == tmp_path / ".dvc/cache/files/md5"
    (tmp_path / "global").mkdir()
    (tmp_path / "global/config").write_text("[cache]\n    dir = /shared\n")
    assert cache_folder(tmp_path) == Path("/shared/files/md5")
    (tmp_path / ".dvc/config.local").write_text("[cache]\n    dir = /elsewhere\n    type = copy\n")
    assert cache_folder(tmp_path) == Path("/elsewhere/files/md5")


@pytest.mark.parametrize(
    "named", ["/quite/elsewhere", "~/cache", "'a # b'", '"quoted"', "../beside", "plain # told"]
)
def test_a_place_is_read_as_dvc_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "global"))
    monkeypatch.setenv("DVC_SYSTEM_CONFIG_DIR", str(tmp_path / "system"))
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[cache]\n    dir = {named}\n")
    asked = Config(str(tmp_path / ".dvc"), validate=True)["cache"]["dir"]
    assert cache_folder(tmp_path).resolve() == Path(asked).resolve() / "files/md5"
