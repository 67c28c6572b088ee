from pathlib import Path

from tests.pipeline.conftest import Clone

STORE = Path(".cache/store.sqlite")


def test_an_experiment_elsewhere_uses_the_store_of_the_users_checkout(copy: Clone) -> None:
    built = (copy.root / "dvc.lock").read_text()
    assert "tesseract passes" in copy.stage("store")
    told = copy.dvc("exp", "run", "--temp", "-S", "recognize.selector=longest", "recognize")
    assert "Running stage 'recognize'" in told
    [said] = [line for line in told.splitlines() if line.startswith("recognize: ")]
    assert said.endswith(" crops, 0 to read")

    (copy.root / STORE).unlink()
    told = copy.dvc("exp", "run", "--temp", "-S", "recognize.num_beams=1", "recognize")
    [said] = [line for line in told.splitlines() if line.startswith("recognize: ")]
    assert said == f"recognize: {said.split()[1]} crops, {said.split()[1]} to read"
    assert f"line readings {said.split()[1]:>15}" in copy.stage("store")
    assert (copy.root / "dvc.lock").read_text() == built


def test_with_a_store_and_without_one_the_bytes_are_the_same(copy: Clone) -> None:
    assert "Data and pipelines are up to date." in copy.dvc("repro")
    for store in ("off", ""):
        for stage in ("crop", "recognize"):
            told = copy.stage(stage, RESULT_STORE=store)
            assert "warning" not in told
        assert "Data and pipelines are up to date." in copy.dvc("status")
