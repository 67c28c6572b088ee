import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAY = (
    "from stages.running.runner import run_command, say;"
    "run_command('x', lambda: say('long' * 99999))"
)


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    command = f'"{sys.executable}" -c "{SAY}" | head -c 4; echo " ${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("long 0\n", "")
