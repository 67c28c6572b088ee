"""Transcriptions written from what was found in files: all of them, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange.found import Found, page_of, transcription_of
from stages.errors import UserError
from stages.pages import PageSource
from stages.records import Transcription
from stages.transcriptions import as_read, dump_transcription, read_typed, write_transcription


@dataclass(frozen=True)
class Imported:
    """A page's transcription as it will be, and whether that changes anything.

    `untyped` lines of the file had no text and were left out.
    """

    path: Path
    transcription: Transcription
    changed: bool
    untyped: int


def plan(
    found: Sequence[Found], sources: Sequence[PageSource], folder: Path, overwrite: bool
) -> list[Imported]:
    """What importing would write into `folder`; nothing is written yet.

    With `overwrite`, fields that the file has replace those typed before; the others stay.

    Raises:
        UserError: a page is unknown, ambiguous, there twice or without text, its marks do not pair,
            or it is transcribed already, otherwise than in the file, and `overwrite` is false.
    """
    planned: dict[str, Imported] = {}
    origins: dict[str, str] = {}
    for item in found:
        page = page_of(item, sources)
        if page in planned:
            raise UserError(f"{item.origin}: is of page {page}, as is {origins[page]}; give one")
        path = folder / f"{page}.yaml"
        transcription, changed = _merge(path, transcription_of(item), overwrite)
        try:
            as_read(transcription)
            dump_transcription(transcription)
        except (UserError, ValueError) as error:
            raise UserError(f"{item.origin}: {error}") from None
        planned[page] = Imported(path, transcription, changed, item.untyped)
        origins[page] = item.origin
    return list(planned.values())


def write(planned: Sequence[Imported]) -> None:
    """Write the transcriptions that change.

    Raises:
        UserError: a file cannot be written.
    """
    for item in planned:
        if item.changed:
            write_transcription(item.path, item.transcription)


def _merge(path: Path, new: Transcription, overwrite: bool) -> tuple[Transcription, bool]:
    if not path.exists():
        return new, True
    old = read_typed(path)
    merged = old.model_copy(update=new.model_dump(exclude_none=True))
    if merged == old:
        return old, False
    if not overwrite:
        raise UserError(f"{path}: says something else already; --overwrite replaces what it says")
    return merged, True
