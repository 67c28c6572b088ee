import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stages.config.composition import load
from stages.config.settings import CropSettings
from stages.errors import PageError
from stages.store import kept
from stages.store.kept import KeptPages
from stages.store.results import Store
from tests.cached import put_in_cache

SETTINGS = load(["crop.timeout_s=7"]).crop


class Stage:
    """Writes a page in capitals, and counts how often."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root, self.store = root, store
        self.made = 0

    def page(
        self,
        name: str = "p",
        settings: CropSettings = SETTINGS,
        also: str = "",
        stage: str = "crop",
    ) -> str:
        text = self.root / "in.txt"
        place = self.root / f"out/{name}"

        def make() -> str:
            self.made += 1
            (place / "deep").mkdir(parents=True)
            (place / "deep/a.txt").write_text(text.read_text().upper())
            (place / "b.bin").write_bytes(bytes(range(256)))
            return text.read_text()

        pages = KeptPages[str](stage, settings, self.store, {"also": also})
        return pages.page(name, [text], place, make)

    def commit(self) -> None:
        """As DVC does at the end of a stage, and before the next run of it."""
        put_in_cache(self.root, self.root / "out")
        shutil.rmtree(self.root / "out")

    def content(self) -> dict[str, bytes]:
        files = sorted(self.root.glob("out/**/*"))
        return {str(p.relative_to(self.root)): p.read_bytes() for p in files if p.is_file()}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    (tmp_path / "in.txt").write_text("some text")
    with closing(Store(tmp_path / "store.sqlite")) as store:
        yield Stage(tmp_path, store)


def test_a_page_is_made_once_and_comes_back_byte_for_byte(stage: Stage) -> None:
    assert stage.page() == "some text"
    written = stage.content()
    stage.commit()
    assert stage.content() == {}
    assert stage.page() == "some text"
    assert stage.content() == written
    assert stage.made == 1


@pytest.mark.parametrize(
    "change", ["input", "name", "settings", "also", "stage", "code", "package"]
)
def test_whatever_a_page_follows_from_makes_it_new(
    stage: Stage, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.page()
    stage.commit()
    other: dict[str, object] = {}
    match change:
        case "input":
            (stage.root / "in.txt").write_text("other text")
        case "name":
            other = {"name": "q"}
        case "settings":
            other = {"settings": SETTINGS.model_copy(update={"timeout_s": 8})}
        case "also":
            other = {"also": "another build"}
        case "stage":
            other = {"stage": "segment"}
        case "code":
            monkeypatch.setattr(kept, "code_digest", lambda stage: "edited")
        case "package":
            monkeypatch.setattr(kept, "package_versions", lambda: {"numpy": "0"})
    stage.page(**other)  # type: ignore[arg-type]
    assert stage.made == 2


@pytest.mark.parametrize("damage", ["gone", "corrupt"])
def test_a_file_that_the_cache_has_no_more_is_made_again(stage: Stage, damage: str) -> None:
    stage.page()
    written = stage.content()
    stage.commit()
    cached = next((stage.root / ".dvc/cache").rglob("??/*"))
    cached.unlink() if damage == "gone" else cached.write_bytes(b"else")
    stage.page()
    assert stage.made == 2
    assert stage.content() == written


def test_a_rejected_page_is_tried_again(stage: Stage) -> None:
    def reject() -> None:
        raise PageError("too dark")

    pages = KeptPages[None]("crop", SETTINGS, stage.store)
    for _ in range(2):
        with pytest.raises(PageError):
            pages.page("p", [], stage.root / "out/p", reject)


def test_what_was_made_while_an_input_was_replaced_is_not_kept(stage: Stage) -> None:
    text, place = stage.root / "in.txt", stage.root / "out/p"
    pages = KeptPages[None]("crop", SETTINGS, stage.store)

    def make() -> None:
        place.mkdir(parents=True)
        (place / "a.txt").write_text(text.read_text())
        text.write_text("another text")

    pages.page("p", [text], place, make)
    stage.commit()
    for now in ("some text", "another text"):
        text.write_text(now)
        assert not pages.restored("p", [text], place)


def test_the_code_is_that_which_dvc_yaml_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stages/mine/__pycache__").mkdir(parents=True)
    (tmp_path / "dvc.yaml").write_text(
        "stages: {mine: {deps: [data/x, stages/a.py, stages/mine]}, other: {deps: [stages/b.py]}}"
    )
    for name in ("a.py", "b.py", "mine/c.json", "mine/__pycache__/c.pyc"):
        (tmp_path / "stages" / name).write_text("1")
    monkeypatch.setattr(kept, "PROJECT", tmp_path)
    changed = {}
    for name in ("b.py", "mine/__pycache__/c.pyc", "a.py", "mine/c.json"):
        before = kept.code_digest("mine")
        (tmp_path / "stages" / name).write_text("2")
        assert kept.code_digest("mine") == before  # what is loaded is not what was written since
        kept.code_digest.cache_clear()
        changed[name] = kept.code_digest("mine") != before
    assert changed == {
        "b.py": False, "mine/__pycache__/c.pyc": False, "a.py": True, "mine/c.json": True
    }  # fmt: skip


def test_of_a_scan_with_many_pages_the_content_is_read_once(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"1" * 10)
    opened = []
    digest = hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda file, name: opened.append(file.name) or digest(file, name)
    )
    pages = KeptPages[int]("crop", SETTINGS, stage.store)
    for frame in range(3):
        assert pages.page(f"scan {frame}", [scan], None, lambda frame=frame: frame) == frame
    assert opened == [str(scan)]
    scan.write_bytes(b"2" * 11)
    assert pages.page("scan 0", [scan], None, lambda: 9) == 9
