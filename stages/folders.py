"""Folders that are there whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.errors import UserError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `out` at the end; after an error nothing is left.

    Raises:
        UserError: `out` is there already and is no empty folder, or cannot be made.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UserError(f"{out}: is there already; name a new folder, or remove this one first")
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        part.replace(out)
    except OSError as error:
        told = error.strerror or error
        place = Path(error.filename or part)
        if not (place.is_relative_to(part) or part.is_relative_to(place)):
            raise UserError(f"{place}: {told}; run `dvc repro`, then again") from None
        raise UserError(f"{out}: cannot be written ({told})") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
