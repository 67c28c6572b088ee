"""Files among the transcriptions that no page takes."""

from pathlib import Path

import pytest

from stages.evaluate.strangers import strangers, unread
from stages.pages.records import Transcription
from stages.pages.transcriptions import Transcriptions

FOLDER = Path("data/transcriptions")
DECOMPOSED, COMPOSED = "cafe\u0301", "caf\u00e9"
PAGES = {
    "both-001": "both.tif",
    "both-002": "both.tif",
    "scan 2": "scan 2.png",
    "scan 3": "scan 3.png",
}


def _told(names: list[str], pages: dict[str, str]) -> list[str]:
    typed = Transcriptions({name: Transcription(band=5) for name in names})
    return strangers(FOLDER, typed, pages)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("scan2", "did you mean 'scan 2.yaml'?"),
        ("Scan 2", "did you mean 'scan 2.yaml'?"),
        ("scan 2.png", "did you mean 'scan 2.yaml'?"),
        ("both", "both.tif has pages both-001, both-002; name it after one of them"),
        ("other", "name it after a page of data/pages"),
    ],
)
def test_the_name_that_is_meant_is_told(name: str, told: str) -> None:
    assert _told([name], PAGES) == [f"{FOLDER / name}.yaml: there is no such page; {told}"]


def test_a_page_that_has_its_transcription_is_not_meant() -> None:
    (told,) = _told(["scan 4", "scan 2", "scan 3"], PAGES)
    assert told.endswith("name it after a page of data/pages")


def test_a_second_transcription_of_a_page_is_no_name_to_mend() -> None:
    (told,) = _told(["scan 2", "scan 2.png"], PAGES)
    assert told.endswith("; scan 2 has a transcription already: merge the two, and delete this one")


def test_of_many_pages_of_a_file_some_are_named() -> None:
    (told,) = _told(["x"], {f"x-{number:03d}": "x.pdf" for number in range(1, 9)})
    assert "x.pdf has pages x-001, x-002, x-003, ...;" in told


def test_how_accents_are_encoded_makes_no_other_page() -> None:
    assert _told([COMPOSED], {DECOMPOSED: "x.png"}) == []
    (told,) = _told([COMPOSED, DECOMPOSED], {DECOMPOSED: "x.png"})
    assert told.startswith(f"{FOLDER / COMPOSED}.yaml: another file is of this page")


def test_what_is_no_transcription_by_its_name_is_told(tmp_path: Path) -> None:
    for name in ("a.yaml", "a.yaml.txt", "notes", ".gitkeep", "._a.yaml"):
        (tmp_path / name).touch()
    (tmp_path / "old").mkdir()
    assert unread(tmp_path) == [
        f"{tmp_path}/a.yaml.txt: not read by this name; rename it to end in .yaml, or take it out",
        f"{tmp_path}/notes: not read by this name; rename it to end in .yaml, or take it out",
        f"{tmp_path}/old: a folder, not read; put its transcriptions into {tmp_path} itself",
    ]
    assert unread(tmp_path / "absent") == []
