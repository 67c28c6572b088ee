import os
from pathlib import Path

import pytest

from stages.recognize.stored import VIEWS
from stages.running.warm import OFF, VARIABLE
from stages.segment.kept_strokes import VARIABLE as STROKES
from sweep.presets import Sweep
from sweep.ranges import Range
from sweep.warm import kept_for


@pytest.mark.parametrize(
    ("sweep", "kept"),
    [
        (Sweep("a", "essay_cer", {"recognize.num_beams": ["1", "2"]}), {VIEWS}),
        (Sweep("b", "essay_cer", {}, {"recognize.length_penalty": Range(low=0, high=1)}), {VIEWS}),
        (Sweep("c", "essay_cer", {"segment.thresholds": ["[0.1]", "[0.2]"]}), {STROKES}),
        (Sweep("d", "essay_cer", {"correct": ["channel", "none"]}), set()),
    ],
)
def test_what_points_can_share_is_kept_and_gone_afterwards(
    sweep: Sweep, kept: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt), kept_for(sweep):
        assert VARIABLE in os.environ
        assert {VIEWS, STROKES} & os.environ.keys() == kept
        for variable in kept:
            (Path(os.environ[variable]) / "one").write_bytes(b"kept")
        raise KeyboardInterrupt
    assert not {VARIABLE, VIEWS, STROKES} & os.environ.keys()
    assert not list(tmp_path.rglob("one"))


def test_nothing_is_loaded_where_that_is_turned_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, OFF)
    with kept_for(Sweep("c", "essay_cer", {"segment.thresholds": ["[0.1]", "[0.2]"]})):
        assert os.environ[VARIABLE] == OFF
    assert os.environ[VARIABLE] == OFF
