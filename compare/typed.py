"""The transcriptions that a revision or the working tree has: what scores are measured against."""

from collections.abc import Mapping
from pathlib import Path

from dvc.api import DVCFileSystem
from dvc.exceptions import DvcException

from stages.errors import UserError
from stages.pages.stored import TRANSCRIPTIONS
from stages.pages.transcriptions import parse_typed


def typed_essays(revision: str | None) -> Mapping[str, str]:
    """What is typed as the essay of every page that has one, by page; nothing outside of DVC.

    A file that is no transcription counts as it is.

    Args:
        revision: None for the working tree.
    """
    try:
        files = DVCFileSystem(rev=revision) if revision else DVCFileSystem()
        folder = TRANSCRIPTIONS.as_posix()
        paths = files.find(folder) if files.exists(folder) else []
        texts = {
            Path(path).stem: files.read_text(path, encoding="utf-8", errors="replace")
            for path in paths
            if _is_typed(path)
        }
    except (DvcException, FileNotFoundError):
        return {}
    return {page: _essay(text) for page, text in texts.items()}


def _is_typed(path: str) -> bool:
    """Whether evaluate takes it for a transcription: no hidden file, none in a folder below."""
    name = path.removeprefix(f"{TRANSCRIPTIONS.as_posix()}/")
    return "/" not in name and name.endswith(".yaml") and not name.startswith(".")


def _essay(text: str) -> str:
    try:
        return "\n".join(parse_typed(text, "").essay or [])
    except UserError:
        return text
