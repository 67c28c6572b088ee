import os
import re
from pathlib import Path

import pytest

from stages.errors import UserError
from sweep.known import check_known
from tests.sweep.conftest import commit, dvc, run

IN_DVC = "data/pages.dvc: not committed in place of what data/pages has in Git; docs/own-pages.md"


def _refused(told: str) -> None:
    with pytest.raises(UserError, match=rf"^{re.escape(told)}[^\n]*$"):
        check_known()


@pytest.mark.parametrize(("folder", "kind"), [("pages", "png"), ("transcriptions", "yaml")])
def test_what_git_does_not_know_is_counted(project: Path, folder: str, kind: str) -> None:
    check_known()
    (project / "data/transcriptions/a.yaml~").touch()
    place = project / "data" / folder
    (place / ".hidden").touch()
    (place / f"a.{kind}").write_text("changed")
    check_known()
    (place / f"b c.{kind}").touch()
    _refused(f"data/{folder}/b c.{kind}: no point would see what Git does not know; add it and")
    (project / ".gitignore").write_text("d*\n")
    (place / f"d.{kind}").touch()
    _refused(f"data/{folder}/b c.{kind} and 1 more: no point")
    run("git", "add", "-f", "data")
    check_known()
    (place / os.fsdecode(b"\xff." + kind.encode())).touch()
    _refused(f"data/{folder}/\udcff.{kind}: no point")


def test_scans_that_dvc_keeps_are_known_once_that_is_committed(project: Path) -> None:
    run("git", "rm", "-rq", "--cached", "data/pages")
    dvc("add", "-q", "data/pages")
    _refused(IN_DVC)
    run("git", "add", "data")
    _refused(IN_DVC)
    commit()
    check_known()
    (project / "data/pages/b.png").write_text("b")
    _refused("data/pages: holds other files than data/pages.dvc says; `dvc add data/pages` first")
    dvc("add", "-q", "data/pages")
    check_known()
