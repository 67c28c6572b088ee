import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from stages.store.checkout import name_in_cache
from stages.store.database import checksum
from tests.pipeline.conftest import Clone

pytestmark = pytest.mark.usefixtures("warm")


def test_an_experiment_elsewhere_shares_the_store_of_the_users_checkout(copy: Clone) -> None:
    before = copy.stage("store")
    told = copy.dvc("exp", "run", "--temp", "-S", "recognize.num_beams=1", "recognize")
    [said] = [line for line in told.splitlines() if line.startswith("recognize: ")]
    crops = int(said.split()[1])
    assert said == f"recognize: {crops} crops, {crops} to read"
    assert [f"line readings {n:>15}" in before for n in (crops, 2 * crops)] == [True, False]
    assert f"line readings {2 * crops:>15}" in copy.stage("store")
    assert copy.stage("recognize", "recognize.num_beams=1").startswith(
        "recognize: 0 crops, 0 to read\n"
    )


def test_with_a_store_and_without_one_the_bytes_are_the_same(copy: Clone) -> None:
    for stage in ("crop", "recognize"):
        copy.stage(stage, RESULT_STORE="off")
    assert "Data and pipelines are up to date." in copy.dvc("status")


OUTS = {
    "crop": "data/regions",
    "segment": "data/lines",
    "recognize": "data/raw",
    "correct": "data/corrected",
    "evaluate": "metrics/plots/overlays",
}


def keep_other_files(store: Path, stage: str, content: bytes) -> None:
    """Let the store say that every file which the stage wrote for a page had this content."""
    with closing(sqlite3.connect(store)) as database, database:
        kept = "SELECT key, value FROM results WHERE kind = ?"
        for key, value in database.execute(kept, [f"{stage}: pages"]).fetchall():
            page = json.loads(zlib.decompress(value))
            page["files"] = dict.fromkeys(page["files"], name_in_cache(content))
            new = zlib.compress(json.dumps(page).encode())
            changed = "UPDATE results SET value = ?, checksum = ? WHERE key = ?"
            database.execute(changed, [new, checksum(key, new), key])


def test_pages_that_are_kept_come_back_with_the_same_bytes(copy: Clone) -> None:
    for stage in OUTS:
        copy.stage(stage, "evaluate.track=false")
    assert "Data and pipelines are up to date." in copy.dvc("status")


def test_pages_that_are_kept_are_not_made_again(copy: Clone) -> None:
    content = (copy.root / "data/regions/01-food-waste/layout.json").read_bytes()
    for stage in reversed(OUTS):  # none sees what the one before it is made to write
        keep_other_files(copy.root / ".cache/store.sqlite", stage, content)
        copy.stage(stage, "evaluate.track=false")
        written = [path for path in (copy.root / OUTS[stage]).rglob("*") if path.is_file()]
        pages = [path.read_bytes() for path in written if "rejected" not in path.name]
        assert len(pages) >= 2
        assert {*pages} == {content}
