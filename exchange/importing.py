"""Transcriptions written from what was found in files: all of them, or none."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from exchange.found import Found, page_of, transcription_of
from stages.config.plain_yaml import read_text
from stages.errors import UserError
from stages.files import writing
from stages.pages.records import CorrectedPage, Transcription
from stages.pages.scans import PageSource
from stages.pages.stored import CORRECTED, read_record
from stages.pages.transcriptions import (
    as_read,
    dump_transcription,
    parse_typed,
    transcription_path,
)
from transcribe.typed import updated


@dataclass(frozen=True)
class Imported:
    """A transcription's file, its text as it will be, and whether that changes anything.

    `untyped` lines of the imported file had no text and were left out, `guessed` names what in it
    was taken for handwriting for want of a known name.
    """

    path: Path
    text: str
    changed: bool
    untyped: int
    guessed: Sequence[str]


def plan(
    found: Sequence[Found], sources: Sequence[PageSource], folder: Path, overwrite: bool
) -> list[Imported]:
    """What importing would write into `folder`; nothing is written yet.

    Fields that are not typed yet are added; with `overwrite`, those that the file has replace those
    typed before. The others stay, as do order and comments (`transcribe.typed.updated`).

    Raises:
        UserError: a page is unknown, ambiguous, there twice or without text, its marks do not pair,
            or a field of it is typed already, otherwise than in the file, and `overwrite` is false.
    """
    planned: dict[str, Imported] = {}
    differing = []
    origins: dict[str, str] = {}
    for item in found:
        page = page_of(item, sources)
        if page in planned:
            raise UserError(f"{item.origin}: is of page {page}, as is {origins[page]}; give one")
        path = transcription_path(page, folder)
        new = _as_typed(transcription_of(item), item.origin)
        text, changed, others = _merge(path, new)
        differing += [f"{path} in {' and '.join(others)}"] if others else []
        planned[page] = Imported(path, text, changed, item.untyped, item.guessed)
        origins[page] = item.origin
    if differing and not overwrite:
        raise UserError(
            f"what is typed already differs: {'; '.join(differing)}; --overwrite replaces it"
        )
    return list(planned.values())


def write(planned: Sequence[Imported]) -> None:
    """Write the transcriptions that change: none takes its place before all are on the disk.

    Raises:
        UserError: a file cannot be written.
    """
    with ExitStack() as whole:
        for item in planned:
            if item.changed:
                file = whole.enter_context(writing(item.path, durable=True))
                file.write(item.text.encode())
                file.flush()
                os.fsync(file.fileno())


def says_what_was_read(item: Imported) -> bool:
    """Whether an essay is just what the machine read: nothing was wrong, or nobody looked."""
    path = CORRECTED / f"{item.path.stem}.json"
    if not path.is_file():
        return False
    read = read_record(path, CorrectedPage).essay
    typed = " ".join(parse_typed(item.text, str(item.path)).essay or ()).split()
    return bool(typed) and typed in [" ".join(text).split() for text in (read.raw, read.corrected)]


def _as_typed(new: Transcription, origin: str) -> Transcription:
    """The transcription as its file will give it back."""
    try:
        as_read(new)
        text = dump_transcription(new)
    except (UserError, ValueError) as error:
        raise UserError(f"{origin}: {error}") from None
    return parse_typed(text, origin)


def _merge(path: Path, new: Transcription) -> tuple[str, bool, list[str]]:
    """The file's text with the new fields in it, whether they change it, which replace others."""
    if not path.exists():
        return dump_transcription(new), True, []
    text = read_text(path)
    ends = "\r\n" if "\r\n" in text else "\n"
    before = text.replace("\r\n", "\n")
    old = parse_typed(before, str(path))
    changes = new.model_dump(exclude_none=True)
    others = [name for name in changes if getattr(old, name) not in (None, changes[name])]
    after = updated(before, changes) or before
    return after.replace("\n", ends), after != before, others
