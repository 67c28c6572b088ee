import pytest

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


def test_pages_that_are_kept_come_back_with_the_same_bytes(copy: Clone) -> None:
    before = copy.stage("store")
    for stage in ("crop", "segment", "correct", "evaluate"):
        copy.stage(stage, "evaluate.track=false")
    assert "Data and pipelines are up to date." in copy.dvc("status")
    kept = [line.split()[:3] for line in copy.stage("store").splitlines() if ": pages" in line]
    assert kept == [line.split()[:3] for line in before.splitlines() if ": pages" in line]
    assert [words[0] for words in kept] == [
        "correct:",
        "crop:",
        "evaluate:",
        "recognize:",
        "segment:",
    ]
