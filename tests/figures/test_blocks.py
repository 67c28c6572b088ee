import pytest

from figures.blocks import fill
from stages.errors import UserError

PAGE = "# Title\n\n<!-- figures: one -->\nold\n\nolder\n<!-- end -->\n\nprose\n"


def test_only_what_stands_in_the_block_changes() -> None:
    filled = fill(PAGE, {"one": "| a |\n|---|"})
    assert filled == PAGE.replace("old\n\nolder", "| a |\n|---|")
    assert fill(filled, {"one": "| a |\n|---|"}) == filled


def test_an_empty_block_is_filled_and_backslashes_stay() -> None:
    empty = "<!-- figures: one -->\n<!-- end -->\n"
    assert fill(empty, {"one": r"\1"}) == "<!-- figures: one -->\n\\1\n<!-- end -->\n"


def test_a_page_without_blocks_stays() -> None:
    assert fill("prose", {}) == "prose"


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UserError, match="no figures are named one; there are two, three"):
        fill(PAGE, {"two": "", "three": ""})


def test_a_block_without_end_is_told() -> None:
    for broken in ("<!-- figures: one -->\nold\n", PAGE.replace("<!-- end", "x") + PAGE):
        with pytest.raises(UserError, match="does not end"):
            fill(broken, {"one": ""})
