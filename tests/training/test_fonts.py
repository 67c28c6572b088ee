import os
from dataclasses import replace
from pathlib import Path

import pytest

from stages.errors import UserError
from training.fonts import Family, characters, check_license, download, families

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


def test_a_package_without_the_file_and_a_machine_without_npm_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nmkdir package; echo OFL > package/LICENSE; tar czf x.tgz package\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    odd = replace(families()[0], family="no-such-family")
    with pytest.raises(UserError, match="has no package/files/no-such-family-latin"):
        download(odd)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="npm is not installed"):
        download(odd)
