"""python -m bench.sweeping --pages N: a sweep of thresholds and beams against one full run.

Both begin with nothing: a clone of the project each, with the same N generated pages, which DVC
keeps (`docs/own-pages.md`), and no result in its cache or in the store. The full run is
`dvc repro`, the sweep `python -m sweep`, with all that either of them does.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import yaml

from bench.pages import copy_project
from samples.__main__ import save, varied_pages

THRESHOLDS = [0.15, 0.2, 0.25, 0.3, 0.4]
BEAMS = [1, 2, 4, 8]


def make_clone(project: Path, pages: int, seed: int, grid: dict[str, list[object]]) -> None:
    """The project with generated pages and a preset `bar`, committed."""
    copy_project(project)
    data = project / "data"
    for name in ("pages", "transcriptions"):
        for path in (data / name).iterdir():
            path.unlink()
    for name, page in varied_pages(pages, seed):
        save(name, page, data, with_labels=False)
    (project / "conf/sweep/bar.yaml").write_text(yaml.safe_dump({"grid": grid}), encoding="utf-8")
    (project / "dvc.lock").unlink()
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(
        [sys.executable, "-m", "dvc", "add", "-q", "data/pages"], cwd=project, check=True
    )
    author = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for command in (("add", "-A"), (*author, "commit", "-qm", "bench")):
        subprocess.run(["git", *command], cwd=project, check=True)


def seconds(project: Path, *command: str) -> float:
    """Wall seconds of a Python module's command in a clone."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "PATH": path}
    environment.pop("RESULT_STORE", None)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", *command], cwd=project, check=True, env=environment)
    return time.perf_counter() - started


def main() -> None:
    """Print the seconds of both and the ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweeping", description=__doc__)
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--jobs", type=int, default=2, help="points at once")
    parser.add_argument("--points", type=int, default=len(THRESHOLDS) * len(BEAMS))
    arguments = parser.parse_args()
    points = list(product(THRESHOLDS, BEAMS))[: arguments.points]
    grid: dict[str, list[object]] = {
        "segment.thresholds": [[value] for value in dict.fromkeys(t for t, _ in points)],
        "recognize.num_beams": list(dict.fromkeys(beams for _, beams in points)),
    }
    with tempfile.TemporaryDirectory() as scratch:
        clones = [Path(scratch, name) for name in ("once", "swept")]
        clones[0].mkdir()
        make_clone(clones[0], arguments.pages, arguments.seed, grid)
        shutil.copytree(clones[0], clones[1], symlinks=True)
        once = seconds(clones[0], "dvc", "repro", "--quiet")
        swept = seconds(clones[1], "sweep", "bar", "--jobs", str(arguments.jobs))
        print(
            f"\n{arguments.pages} pages: one full run {once:.0f} s, {len(points)} points "
            f"{swept:.0f} s: {swept / once:.1f} times"
        )


if __name__ == "__main__":
    main()
