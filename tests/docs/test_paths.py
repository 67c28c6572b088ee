"""What the documents name in backticks is there: files and folders, tests, what links lead to."""

import re
import subprocess
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tests.docs.guide import BLOCK
from tests.pipeline.conftest import ROOT

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("bench", "samples", "training")),
    *sorted((ROOT / "models").glob("*/README.md")),
]
IN_BACKTICKS = re.compile(r"(?<!`)`([^`\s]+)`(?!`)")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
BLOCK_OF_CODE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
# `conf/`, `stages/store/kept.py`, `data/raw/<page>.json`, `test_ocr.py`: with a folder, or with the
# ending of what people write.
PATH = re.compile(r"(?=.*/|.+\.(?:py|md|yaml|lock)$)\.?\w[\w.-]*(?:/[\w.<>-]+)*/?")
TEST = re.compile(r"test_\w+")
MADE_BY_COMMANDS = ("page/", "tasks/", "data/pages.dvc")  # docs/exchange.md, own-pages.md


def written(page: Path) -> str:
    """The page without its blocks of code."""
    return BLOCK_OF_CODE.sub("", page.read_text(encoding="utf-8"))


@cache
def files() -> set[str]:
    """The project's files, which Git knows or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).exists()}


def is_ignored(path: str) -> bool:
    """Whether Git leaves it out, as it does what runs write."""
    command = ["git", "check-ignore", "--quiet", "--no-index", path]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


@cache
def folders() -> set[str]:
    return {str(parent) for name in files() for parent in Path(name).parents}


@cache
def names() -> set[str]:
    """What a file or a folder of the project is called, wherever it is."""
    return {Path(path).name for path in files() | folders()}


def is_there(path: str, page: Path) -> bool:
    """Whether a path from the root or from beside the page, or a mere name, is one of the project's
    or of what runs write; of `data/raw/<page>.json` the folder."""
    plain = re.sub("[^/]*<.*", "", path)
    beside = page.parent.relative_to(ROOT) / plain
    if {str(Path(plain)), str(beside)} & (files() | folders()):
        return True
    return plain.rstrip("/") in names() or is_ignored(plain)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = {block["path"] for block in BLOCK.finditer(text)}  # by the reader, as the page says
    named = {name for name in IN_BACKTICKS.findall(written(page)) if PATH.fullmatch(name)}
    named = {name for name in named - made if not name.startswith(MADE_BY_COMMANDS)}
    assert [name for name in sorted(named) if not is_there(name, page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(written(page)) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_test_that_is_named_is_there() -> None:
    tests = [ROOT / name for name in files() if name.startswith("tests/")]
    code = "\n".join(path.read_text("utf-8") for path in tests if path.suffix == ".py")
    named = set(chain.from_iterable(IN_BACKTICKS.findall(written(page)) for page in PAGES))
    found = [name for name in named if TEST.fullmatch(name)]
    assert found
    assert [name for name in found if f"def {name}(" not in code] == []


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("docs/", True),
        ("docs/reliability.md", True),
        ("tests/pages/test_scans.py", True),
        ("tests/test_pages.py", False),
        ("tests/pags/", False),
        ("first-run.md", True),
        ("test_ocr.py", True),
        ("test_never.py", False),
        ("data/raw/<page>.json", True),
        ("data/transcriptions/<page>.yaml", True),
        ("data/transcription/<page>.yaml", False),
        (".cache/training/<name>/", True),
        ("metrics/report.html", True),
    ],
)
def test_what_is_there_is_told_from_what_is_not(path: str, there: bool) -> None:
    assert PATH.fullmatch(path)
    assert is_there(path, ROOT / "docs/reliability.md") == there
