"""`python -m bench.faults`; that the faults end well is tested in tests/pipeline/test_faults.py."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_case_that_cannot_be_run_here_does_not_pass(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.faults", "clock"],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "BAD  clock: not run: faketime is missing (install it by `apt-get install faketime`)\n"
    )
