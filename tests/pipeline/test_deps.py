"""dvc.yaml names the rooms and files whose code each stage runs, and no other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
IMPORTS = """
import importlib, json, pathlib, sys
importlib.import_module(sys.argv[1])
root = pathlib.Path.cwd()
files = [m.__file__ for n, m in sys.modules.items() if n.startswith("stages") and m.__file__]
print(json.dumps([str(pathlib.Path(f).relative_to(root)) for f in files]))
"""


@pytest.mark.parametrize("name", STAGES)
def test_code_dependencies_are_exact(name: str) -> None:
    module = STAGES[name]["cmd"].removeprefix("python -m ")
    entry = f"{module}.__main__" if (ROOT / "stages" / name).is_dir() else module
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, entry], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {path for path in json.loads(done.stdout) if path != "stages/__init__.py"}
    code = {dep for dep in STAGES[name]["deps"] if dep.startswith("stages")}
    behind = {dep: {path for path in loaded if f"{path}/".startswith(f"{dep}/")} for dep in code}
    assert set().union(*behind.values()) == loaded
    assert all(behind.values()), behind


def test_every_stage_has_a_description_and_outputs() -> None:
    assert list(STAGES) == [
        "params",
        "crop",
        "segment",
        "recognize",
        "correct",
        "assemble",
        "evaluate",
    ]
    for stage in STAGES.values():
        assert stage["desc"]
        assert stage["outs"]
