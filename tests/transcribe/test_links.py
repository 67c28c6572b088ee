from pathlib import Path

import pytest

from tests.transcribe.project import TOPIC
from transcribe.book import Book


@pytest.mark.parametrize("kept_by", ["DVC", "its owner"])
def test_through_a_link_only_its_owner_s_file_is_written(project: Path, kept_by: str) -> None:
    target = project / {"DVC": ".dvc/cache/files/md5/ab/cd", "its owner": "elsewhere.yaml"}[kept_by]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("band: 5\n")
    typed = project / "data/transcriptions/two.yaml"
    typed.parent.mkdir(exist_ok=True)
    typed.symlink_to(target)
    drafts = Book().drafts
    draft = drafts.open("two")
    rows = [row.model_copy(update={"accepted": True}) for row in draft.rows]
    drafts.save("two", draft.version, draft.rows, rows)
    assert f"topic: {TOPIC}" in typed.read_text()
    assert typed.is_symlink() == (kept_by == "its owner")
    assert (target.read_text() == "band: 5\n") == (kept_by == "DVC")
