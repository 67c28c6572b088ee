import json
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.pages.trained import FINETUNE, TrainedPage, trained_on


def test_the_pages_are_told_beside_the_weights(tmp_path: Path) -> None:
    told = {"pages": ["a"], "trained_on": [{"page": "a", "scan": "12"}]}
    (tmp_path / FINETUNE).write_text(json.dumps(told), encoding="utf-8")
    assert trained_on(str(tmp_path)) == [TrainedPage(page="a", scan="12")]


def test_older_ones_tell_names(tmp_path: Path) -> None:
    (tmp_path / FINETUNE).write_text('{"pages": ["a"]}', encoding="utf-8")
    (known,) = trained_on(str(tmp_path))
    assert known.shows("a", "any scan") and not known.shows("b", "any scan")


def test_a_page_is_known_by_its_scan_and_one_of_many_by_its_number_too() -> None:
    assert TrainedPage(page="a", scan="12").shows("renamed", "12")
    assert not TrainedPage(page="a", scan="12").shows("a", "13")
    frame = TrainedPage(page="all-002", scan="12")
    assert frame.shows("every-002", "12") and not frame.shows("all-003", "12")
    single = TrainedPage(page="scan-001", scan="12")  # one page's own name
    assert single.shows("renamed", "12") and TrainedPage(page="a", scan="12").shows("b-001", "12")


def test_other_checkpoints_have_seen_nothing_that_is_known(tmp_path: Path) -> None:
    assert trained_on(str(tmp_path)) == trained_on("microsoft/trocr-base-handwritten") == []


@pytest.mark.parametrize("content", ["{}", '{"trained_on": ["a"]}', "not JSON"])
def test_one_that_does_not_tell_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / FINETUNE).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"finetune\.json: does not tell the pages"):
        trained_on(str(tmp_path))
