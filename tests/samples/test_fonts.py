from pathlib import Path

import pytest

from samples.style import FONTS, HANDWRITING, PRINT, handwriting_font
from training.fonts import families

LICENSES = ("SIL Open Font License, Version 1.1", "Apache License")


def test_no_handwriting_font_is_trained_on() -> None:
    trained = {family.family for family in families("train")}
    assert not trained & set(HANDWRITING)


@pytest.mark.parametrize("family", HANDWRITING + PRINT)
def test_every_family_has_its_files_and_an_open_licence(family: str) -> None:
    text = (FONTS / family / "LICENSE").read_text()
    assert any(mark in text for mark in LICENSES)
    assert list((FONTS / family).glob("*.woff2"))


def test_no_font_lies_there_unused() -> None:
    assert {path.name for path in FONTS.iterdir()} == set(HANDWRITING + PRINT)
    assert all(
        isinstance(handwriting_font(f), Path) and handwriting_font(f).is_file() for f in HANDWRITING
    )
