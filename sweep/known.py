"""Whether the points of a sweep will see the scans and transcriptions that lie there.

A point runs in a checkout of its own, with what Git tracks, and what DVC tracks for it. While it is
queued DVC puts the working tree aside, and a folder that is just passing from Git to DVC comes back
from that empty.
"""

from pathlib import Path

from dvc.exceptions import DvcException
from dvc.repo import Repo

from stages.errors import UserError
from stages.evaluate.tracking.store import cause
from stages.pages.scans import PAGES
from stages.pages.stored import TRANSCRIPTIONS
from sweep.queue import git

CURE = "docs/own-pages.md, 5, says how"


def check_known() -> None:
    """Whether Git, or DVC by a file in Git, knows all scans and transcriptions.

    Raises:
        UserError: it does not know some; or DVC cannot tell.
    """
    for folder, kind in ((PAGES, "*"), (TRANSCRIPTIONS, "*.yaml")):
        pointer = Path(f"{folder}.dvc")
        if pointer.is_file():
            _check_pointer(folder, pointer)
        elif unknown := _listed("ls-files", "-z", "--others", "--", f"{folder}/{kind}"):
            more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            raise UserError(
                f"{unknown[0]}{more}: no point would see what Git does not know; "
                f"add it and commit: {CURE}"
            )


def _check_pointer(folder: Path, pointer: Path) -> None:
    if not git("ls-tree", "HEAD", "--", str(pointer)) or _listed(
        "ls-tree", "-rz", "--name-only", "HEAD", "--", f"{folder}/"
    ):
        raise UserError(f"{pointer}: not committed in place of what {folder} has in Git; {CURE}")
    try:
        with Repo() as repo:
            changed = repo.status(targets=[str(pointer)])
    except DvcException as error:
        raise UserError(
            f"{pointer}: dvc cannot tell whether it is in step: {cause(error)}"
        ) from None
    if changed:
        raise UserError(
            f"{folder}: holds other files than {pointer} says; `dvc add {folder}` first"
        )


def _listed(*command: str) -> list[str]:
    """The files that Git names, less hidden ones."""
    paths = filter(None, git(*command).split("\0"))
    return [path for path in paths if not Path(path).name.startswith(".")]
