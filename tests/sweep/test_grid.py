from pathlib import Path

import pytest

from sweep.grid import FOLDER, file_of, report
from sweep.presets import Sweep, given
from tests.sweep.results import result


def test_grids_of_the_command_line_have_a_file_each_and_presets_their_name() -> None:
    one, other = given(["recognize.num_beams=1,4"]), given(["correct=none,channel"])
    again = given(["recognize.num_beams=1,4"])
    assert file_of(one, ".csv") == file_of(again, ".csv") != file_of(other, ".csv")
    assert file_of(Sweep("mine", "essay_cer", {}), ".svg") == FOLDER / "mine.svg"


def test_the_last_grid_s_files_have_the_plain_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    grids = [given([f"recognize.num_beams={beams}"]) for beams in ("1,2", "2,4")]
    for grid, name in zip(grids, ("first", "last"), strict=True):
        report(grid, [result(name, 0.1, None, beams="1")])
        assert f"picture: {file_of(grid, '.svg')}" in capsys.readouterr().out
    kept = [file_of(grid, ".csv").read_text(encoding="utf-8") for grid in grids]
    assert "first" in kept[0] and "last" in kept[1]
    assert (FOLDER / "grid.csv").read_text(encoding="utf-8") == kept[1]
    assert len(list(FOLDER.iterdir())) == 6
