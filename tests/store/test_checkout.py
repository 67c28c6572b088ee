from pathlib import Path

import pytest

from stages.store.checkout import project_root


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
