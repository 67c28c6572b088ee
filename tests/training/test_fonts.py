import pytest

from stages.errors import UserError
from training.fonts import Family, characters, check_license, families

NEVER_TRAINED_ON = {
    "homemade-apple",
    "patrick-hand",
    "nothing-you-could-do",
    "bad-script",
    "sue-ellen-francisco",
}


def test_the_list_is_long_enough_and_openly_licensed() -> None:
    assert len(families("train")) >= 60
    assert len(families("held_out")) >= 6
    assert {family.license for family in families()} <= {"OFL-1.1", "Apache-2.0"}


def test_no_family_is_both_trained_on_and_held_out() -> None:
    names = [family.family for family in families()]
    assert len(names) == len(set(names))
    assert {family.family for family in families("held_out")} >= NEVER_TRAINED_ON


def test_another_licence_than_the_listed_one_is_refused() -> None:
    family = Family("kalam", "5.3.0", "OFL-1.1", 400, "train")
    check_license(family, "licensed under the SIL Open Font License, Version 1.1.")
    with pytest.raises(UserError, match=r"@fontsource/kalam.*not OFL-1\.1"):
        check_license(family, "MIT License")


def test_the_held_out_fonts_lie_in_git() -> None:
    assert all(family.path.exists() for family in families("held_out"))


def test_fonts_draw_what_is_essential() -> None:
    for path in (family.path for family in families() if family.path.exists()):
        assert set("abcxyzABCXYZ0189.,'") <= characters(path)
