"""What may be a page, by its name and its place, before it is opened."""

import unicodedata
from pathlib import Path

from stages.errors import PageError
from stages.store.checkout import cache_folder, project_root

# In UTF-8; file systems take 255 bytes, and stages and DVC add to a page's name.
MAX_NAME_BYTES = 220
RESERVED_NAMES = {"rejected.jsonl"}


def on_one_line(name: str) -> str:
    """A name with its control characters, and bytes that are no UTF-8, as escapes."""
    return "".join(
        char.encode("unicode_escape").decode() if _is_control(char) else char for char in name
    )


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def composed(name: str) -> str:
    """A name as it is compared: macOS writes accents as signs of their own (Unicode NFD)."""
    return unicodedata.normalize("NFC", name)


def check_name(path: Path) -> None:
    """Refuse a file's name that no other file, or no line of a message, can bear.

    Raises:
        PageError: it holds control characters, is too long, or is what a stage calls its own file.
    """
    if any(map(_is_control, path.name)):
        raise PageError(
            "its name holds a line break, another control character, or bytes that are not UTF-8;"
            " rename it"
        )
    length = len(path.stem.encode())
    if length > MAX_NAME_BYTES:
        raise PageError(
            f"its name has {length} bytes, over {MAX_NAME_BYTES}; give it a shorter one"
        )
    if path.stem in RESERVED_NAMES:
        raise PageError(
            f"a page cannot be called {path.stem!r}: the stages write such a file; rename it"
        )


def check_place(path: Path) -> None:
    """Refuse what is not a file of the folder itself; DVC may link to its own cache.

    Raises:
        PageError: it is a folder, a pipe or a device, or a link that leads elsewhere or nowhere.
    """
    if path.is_symlink():
        target = path.resolve()
        own = (path.parent, cache_folder(project_root()))
        if not any(target.is_relative_to(folder.resolve()) for folder in own):
            raise PageError(
                f"is a link to {on_one_line(str(path.readlink()))!r}, outside the pages' folder;"
                " copy the scan itself here"
            )
        if not target.exists():
            raise PageError("is a link to a file that is not there; copy the scan itself here")
    if path.is_dir():
        raise PageError("is a folder; put the scans themselves into the pages' folder")
    if not path.is_file():
        raise PageError("is no file that can be read (a pipe or a device); leave it out")
