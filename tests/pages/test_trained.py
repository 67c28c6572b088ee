import json
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.pages.trained import FINETUNE, TrainedPage, trained_on
from tests.records import BOX, make_layout


def test_the_pages_are_told_beside_the_weights(tmp_path: Path) -> None:
    told = {"pages": ["a"], "trained_on": [{"page": "a", "scan": "12"}]}
    (tmp_path / FINETUNE).write_text(json.dumps(told), encoding="utf-8")
    assert trained_on(str(tmp_path)) == [TrainedPage(page="a", scan="12")]


def test_older_ones_tell_names(tmp_path: Path) -> None:
    (tmp_path / FINETUNE).write_text('{"pages": ["a"]}', encoding="utf-8")
    (known,) = trained_on(str(tmp_path))
    assert known.shows(TrainedPage(page="a", scan="any"))
    assert not known.shows(TrainedPage(page="b", scan="any"))


def page(name: str, source: str, scan: str = "12") -> TrainedPage:
    return TrainedPage.of(
        make_layout(name, BOX).model_copy(update={"source": source, "scan": scan})
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (page("a", "a.png"), page("renamed", "renamed.png"), True),
        (page("a", "a.png"), page("a", "a.png", scan="13"), False),
        (page("all-002", "all.pdf"), page("every-002", "every.pdf"), True),
        (page("all-002", "all.pdf"), page("all-003", "all.pdf"), False),
        (page("scan-001", "scan-001.png"), page("scan-017", "scan-017.png"), True),
        (page("ielts-2023", "ielts-2023.jpg"), page("renamed", "renamed.jpg"), True),
        (page("Caf\u00e9-001", "Cafe\u0301.pdf"), page("b-001", "b.pdf"), True),
    ],
)
def test_a_page_is_known_by_its_scan_and_one_of_many_by_its_number_too(
    one: TrainedPage, other: TrainedPage, same: bool
) -> None:
    assert one.shows(other) is other.shows(one) is same


def test_what_an_earlier_version_told_has_the_number_in_the_name_alone() -> None:
    frame = TrainedPage(page="all-002", scan="12")
    assert frame.shows(page("every-002", "every.pdf"))
    assert not frame.shows(page("all-003", "all.pdf"))
    assert TrainedPage(page="scan-001", scan="12").shows(page("renamed", "renamed.png"))


def test_other_checkpoints_have_seen_nothing_that_is_known(tmp_path: Path) -> None:
    assert trained_on(str(tmp_path)) == trained_on("microsoft/trocr-base-handwritten") == []


@pytest.mark.parametrize("content", ["{}", '{"trained_on": ["a"]}', "not JSON"])
def test_one_that_does_not_tell_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / FINETUNE).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"finetune\.json: does not tell the pages"):
        trained_on(str(tmp_path))
