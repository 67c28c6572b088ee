from pathlib import Path

import pytest

from tests.test_setup import run_with

SCRIPT = "chromium.sh"


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_a_machine_with_a_browser_is_left_alone(tmp_path: Path, browser: str) -> None:
    (tmp_path / browser).write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / browser).chmod(0o755)
    done = run_with(tmp_path, script=SCRIPT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_where_nothing_can_be_installed_the_command_is_named(tmp_path: Path) -> None:
    done = run_with(tmp_path, "id", script=SCRIPT)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("sudo apt-get install chromium")
    assert done.stderr.count("\n") == 1
