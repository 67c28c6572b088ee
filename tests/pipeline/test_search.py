import csv
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

import pytest
from mlflow import MlflowClient

from stages.config.composition import compose_yaml, parse
from sweep.scout import batches, scout
from tests.pipeline.conftest import QUIET, Clone

PAGES = 5
SEARCH = [sys.executable, "-m", "sweep", "correct=none,notebook", "--search", "5", "--seed", "5"]


def _more_pages(clone: Clone) -> None:
    """The same two pages under more names: Tesseract and TrOCR have read them."""
    pages = sorted((clone.root / "data/pages").glob("[!.]*"))
    for number, page in enumerate(islice(cycle(pages), PAGES - len(pages))):
        name = f"{number}-{page.stem}"
        shutil.copy2(page, page.with_stem(name))
        typed = clone.root / f"data/transcriptions/{page.stem}.yaml"
        shutil.copy2(typed, typed.with_stem(name))
    clone.commit()


@pytest.mark.long
def test_a_search_killed_goes_on_and_gives_up_what_is_worse(
    copy: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    _more_pages(copy)
    environment = {**os.environ, **QUIET}
    with subprocess.Popen(
        SEARCH, cwd=copy.root, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if "1 running" in line:
                break
        process.send_signal(signal.SIGKILL)

    told = copy.run(*SEARCH)
    assert "sweep: 2: correct=none" in told
    assert "1 were queued, 0 are new" in told or "1 have a result" in told
    given_up = r"correct=notebook\nsweep: given up: on 4 pages the mean essay_cer is 0\.\d{4}\n"
    assert re.search(given_up, told)
    assert "searched: 1 points to the end, 1 given up" in told
    [name] = copy.dvc("exp", "list", "--name-only").split()
    client = MlflowClient(f"sqlite:///{copy.root}/mlflow.db")
    [group] = client.search_experiments(filter_string="name = 'handwriting'")
    [lost] = client.search_runs([group.experiment_id], "attributes.status = 'KILLED'")
    assert lost.data.params == {"correct": "notebook"}
    assert lost.data.metrics["pages_looked_at"] == 4
    [best] = client.search_runs([group.experiment_id], f"tags.`dvc.exp_name` = '{name}'")
    parent = "mlflow.parentRunId"
    assert lost.data.tags[parent] == best.data.tags[parent]
    assert f"take the first: dvc exp apply {name}" in told

    copy.dvc("exp", "apply", name)
    monkeypatch.chdir(copy.root)
    scans = sorted(Path("data/pages").glob("[!.]*"))
    params = parse(compose_yaml(["correct=none"]), "")
    with closing(scout(params, "essay_cer", [scans[:2]])) as looks:
        rates = list(looks)
    with Path("metrics/pages.csv").open(encoding="utf-8") as file:
        full = {row["page"]: float(row["essay_cer"]) for row in csv.DictReader(file)}
    assert rates == [{page.stem: full[page.stem] for page in scans[:2]}]


@pytest.mark.parametrize(
    ("pages", "sizes"), [(4, []), (5, [4]), (8, [4]), (9, [4, 4]), (40, [4, 4, 8, 16])]
)
def test_batches_double_and_leave_some_for_the_full_run(pages: int, sizes: list[int]) -> None:
    paths = [Path(str(number)) for number in range(pages)]
    looks = batches(paths, seed=3)
    assert [len(look) for look in looks] == sizes
    drawn = [path for look in looks for path in look]
    assert len(set(drawn)) == len(drawn) <= pages
    assert looks == batches(paths, seed=3)
