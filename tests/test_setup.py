import shutil
import subprocess
from pathlib import Path

from tests.evaluate.tracking.servers import binaries

SETUP = Path("setup").resolve()


def run_with(
    folder: Path, *programs: str, script: str = "tesseract.sh"
) -> subprocess.CompletedProcess[str]:
    """The script on a machine that has these programs only."""
    for name in programs:
        found = shutil.which(name)
        assert found
        (folder / Path(name).name).symlink_to(found)
    shell = shutil.which("sh")
    assert shell
    return subprocess.run(
        [shell, str(SETUP / script)],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_with_tesseract_is_left_alone(tmp_path: Path) -> None:
    done = run_with(tmp_path, "tesseract", "grep")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_where_nothing_can_be_installed_the_command_is_named(tmp_path: Path) -> None:
    done = run_with(tmp_path, "id", "grep")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("sudo apt-get install tesseract-ocr tesseract-ocr-eng")
    assert done.stderr.count("\n") == 1


def test_a_machine_with_postgresql_is_left_alone(tmp_path: Path) -> None:
    done = run_with(tmp_path, str(binaries() / "initdb"), script="postgresql.sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
