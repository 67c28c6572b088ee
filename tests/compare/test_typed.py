from pathlib import Path

import pytest

from compare.pairs import compare
from compare.tables import read_table
from compare.typed import typed_essays
from stages.errors import UserError
from tests.compare.conftest import PAGES, commit


def _type(project: Path, page: str, text: str) -> None:
    folder = project / "data/transcriptions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{page}.yaml").write_text(text, encoding="utf-8")


def test_what_is_typed_in_a_revision_and_in_the_working_tree(project: Path) -> None:
    assert typed_essays("HEAD") == typed_essays(None) == {}
    _type(project, "p0", "essay: |\n  One line\n  and another\n")
    _type(project, "p1", "band: 6.5\n")
    _type(project, "p2", "essay: [\n")
    (project / "data/transcriptions/old").mkdir()
    _type(project, "old/p0", "essay: |\n  As it was\n")
    _type(project, ".p3", "essay: |\n  Hidden\n")
    commit()
    _type(project, "p0", "# looked at\nessay: |\n  One line\n  and another\n")
    typed = {"p0": "One line\nand another", "p1": "", "p2": "essay: [\n"}
    assert typed_essays("HEAD") == typed_essays(None) == typed
    assert typed_essays("trial") == {}


def test_another_text_of_the_same_length_is_a_changed_transcription(project: Path) -> None:
    for page in PAGES:
        _type(project, page, "essay: |\n  goverment\n")
    commit()
    compare(read_table("HEAD"), read_table("workspace"))
    _type(project, "p3", "essay: |\n  gouerment\n")
    with pytest.raises(UserError, match="changed between HEAD and workspace, on p3: score both"):
        compare(read_table("HEAD"), read_table("workspace"))
    compare(read_table("HEAD~1"), read_table("workspace"))
