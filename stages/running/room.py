"""Room for the copies that DVC makes of a stage's outs.

Where its cache has none, DVC 3 says "ERROR: failed to transfer" and ends with 0: the outs are
right, but no other checkout, experiment or remote ever gets them. So a stage fails before that.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from stages.errors import UserError
from stages.files import ROOM
from stages.store.checkout import cache_folder, cached, name_in_cache, project_root

BLOCK = 4096
SPARE = 2 << 20  # for DVC's folders, lists of files, lock and cache of runs


def require_room(stage: str) -> None:
    """See that DVC can copy what the stage in dvc.yaml wrote.

    Raises:
        UserError: the disk of DVC's cache is too full for what is new.
    """
    cache = cache_folder(project_root())
    files = list(cached_files(stage))
    free = shutil.disk_usage(_there(cache)).free
    if SPARE + _size(files) <= free:
        return
    files = [f for f in files if not cached(cache, name_in_cache(f.read_bytes())).is_file()]
    needed = SPARE + _size(files)
    if needed > free and files and not _shares_blocks(files[0], cache):
        raise UserError(
            f"{cache}: no room for DVC's copy of what this stage wrote: {needed >> 10:,} kB needed,"
            f" {free >> 10:,} kB left; {ROOM}, then `dvc repro` goes on from here"
        )


def cached_files(stage: str) -> Iterator[Path]:
    """The files that DVC puts into its cache after the stage in dvc.yaml."""
    entry = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"][stage]
    for kind in ("outs", "metrics", "plots"):
        for out in entry.get(kind, []):
            name, options = (out, {}) if isinstance(out, str) else next(iter(out.items()))
            if options.get("cache", True):
                path = Path(name)
                found = path.rglob("*") if path.is_dir() else [path]
                yield from (file for file in found if file.is_file())


def _there(folder: Path) -> Path:
    """The folder, or what it will be made in."""
    return next(parent for parent in (folder, *folder.parents) if parent.is_dir())


def _size(files: Sequence[Path]) -> int:
    """Of copies of the files, in bytes of whole blocks."""
    return sum(-(-file.stat().st_size // BLOCK) * BLOCK for file in files)


def _shares_blocks(file: Path, cache: Path) -> bool:
    """Whether DVC copies the file to its cache without room (`ioctl_ficlone(2)`)."""
    from dvc_objects.fs.system import reflink  # noqa: PLC0415  (takes 0.2 s)

    with suppress(OSError), TemporaryDirectory(dir=_there(cache)) as folder:
        reflink(file, Path(folder) / "clone")  # type: ignore[no-untyped-call]
        return True
    return False
