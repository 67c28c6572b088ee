"""The fuzz targets over what fuzzing found, and some good inputs: seconds of a long search.

`python -m tests.fuzz` searches on (tests/fuzz/__main__.py).
"""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_ends_in_a_result_or_an_announced_error(name: str) -> None:
    inputs = sorted((CORPUS / name).iterdir())
    assert inputs
    for path in inputs:
        TARGETS[name](path.read_bytes())


def test_the_good_inputs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are allowed above; here none is, so that the targets do reach the code behind."""
    monkeypatch.setattr("tests.fuzz.targets.assert_readable", lambda error: pytest.fail(str(error)))
    for name, good in (
        ("page_reader", ("png", "jpeg", "mpo", "tiff-frames", "pdf")),
        ("transcription_reader", ("good",)),
        ("layout_parser", ("sheet",)),
    ):
        for seed in good:
            TARGETS[name]((CORPUS / name / seed).read_bytes())
