import os
from pathlib import Path

import pytest

from stages.recognize.stored import VIEWS
from stages.running.warm import OFF, VARIABLE
from sweep.presets import Sweep
from sweep.ranges import Range
from sweep.warm import FOLDER, kept_for


@pytest.mark.parametrize(
    ("sweep", "searches"),
    [
        (Sweep("a", "essay_cer", {"recognize.num_beams": ["1", "2"]}), True),
        (Sweep("b", "essay_cer", {}, {"recognize.length_penalty": Range(low=0, high=1)}), True),
        (Sweep("c", "essay_cer", {"segment.thresholds": ["[0.1]", "[0.2]"]}), False),
    ],
)
def test_what_the_encoder_gave_is_kept_where_a_search_varies_and_gone_afterwards(
    sweep: Sweep, searches: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt), kept_for(sweep):
        assert VARIABLE in os.environ
        assert (VIEWS in os.environ) == searches
        if searches:
            (Path(os.environ[VIEWS]) / "view").write_bytes(b"kept")
        raise KeyboardInterrupt
    assert not {VARIABLE, VIEWS} & os.environ.keys()
    assert not FOLDER.exists()


def test_nothing_is_loaded_where_that_is_turned_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, OFF)
    with kept_for(Sweep("c", "essay_cer", {"segment.thresholds": ["[0.1]", "[0.2]"]})):
        assert os.environ[VARIABLE] == OFF
    assert os.environ[VARIABLE] == OFF
