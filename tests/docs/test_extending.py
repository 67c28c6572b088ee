import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.guide import script

ROOT = Path(__file__).parents[2]


def test_the_examples_fit_the_code_and_pass_their_tests(tmp_path: Path) -> None:
    """All their commands are run by the long tests."""
    for name in ("stages", "conf"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("correct", "segment"):
        (tmp_path / "tests" / name).mkdir(parents=True)
    typed = script(ROOT / "docs/extending.md", only="python -m pytest")
    load = "from stages.config.composition import load; load(['segment=peaks', 'correct=spacing'])"
    done = subprocess.run(
        ["bash", "-c", f'{typed}\npython -c "{load}"'],
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("1 passed") == 2, done.stdout
