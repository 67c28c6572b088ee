"""Hand transcriptions: data/transcriptions/<page>.yaml, as a person types them.

Two marks may stand in the essay (docs/transcribing.md): `~~struck out~~` is kept in the file and
left out of what is read from it; `[?]` stands for what nobody can read, and is in no score.
"""

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.reader import Reader

from stages.errors import UserError
from stages.records import Transcription

FIELDS = ", ".join(Transcription.model_fields)
STRIKE = "~~"
STRUCK = re.compile(r"~~(?!~).+?~~")
UNREADABLE = "[?]"
WIDTH = 96


def read_transcription(path: Path) -> Transcription:
    """A page's transcription; `essay` has one string per handwritten line, without what is struck.

    Raises:
        UserError: as `read_typed`, or a `~~` has no partner in its line, or all is struck.
    """
    typed = read_typed(path)
    try:
        return as_read(typed)
    except ValueError as error:
        raise UserError(f"{path}: essay: {error}") from None


def as_read(typed: Transcription) -> Transcription:
    """A typed transcription without what is struck in its essay.

    Raises:
        ValueError: a mark has no partner, or all is struck.
    """
    if typed.essay is None:
        return typed
    essay = [without_struck(line) for line in typed.essay]
    if not any(essay):
        raise ValueError("all of it is struck; leave the field out")
    return typed.model_copy(update={"essay": [line for line in essay if line]})


def without_struck(line: str) -> str:
    """A typed line less what is marked as struck.

    Raises:
        ValueError: a mark has no partner.
    """
    kept = STRUCK.sub("", line)
    if STRIKE in kept:
        raise ValueError(f"{line!r}: a ~~ without partner; write ~~struck~~")
    return line if kept == line else " ".join(kept.split())


def read_typed(path: Path) -> Transcription:
    """A page's transcription as it is typed, marks and all.

    Raises:
        UserError: no UTF-8, no YAML, an unknown field, a wrong type, or nothing transcribed.
    """
    try:
        return parse_typed(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def parse_typed(text: str, origin: str) -> Transcription:
    """YAML text as a transcription, marks and all; `origin` names it in errors.

    Raises:
        UserError: no YAML, an unknown field, a wrong type, or nothing transcribed.
    """
    try:
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"{origin}: {_yaml_fault(error)}") from None
    if not isinstance(content, dict) or not content:
        raise UserError(f"{origin}: holds no transcription; give some of {FIELDS}")
    if isinstance(content.get("essay"), str):
        content["essay"] = _lines([content["essay"]])
    for field in ("topic", "examiner_comment"):
        if isinstance(content.get(field), str):
            content[field] = _flat(content[field])
    try:
        return Transcription.model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in fault["loc"])
        raise UserError(f"{origin}: {name}: {fault['msg']}; known fields: {FIELDS}") from None


def _lines(texts: Iterable[str]) -> list[str]:
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _yaml_fault(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        return f"line {line}: {error.problem or error.context}; quote the text or use a | block"
    return f"not YAML ({' '.join(str(error).split())})"


def read_transcriptions(
    folder: Path, read: Callable[[Path], Transcription] = read_transcription
) -> dict[str, Transcription]:
    """All transcriptions in `folder` by page name; an absent folder holds none.

    Args:
        read: `read_typed` keeps the marks.

    Raises:
        UserError: one of them cannot be read.
    """
    return {path.stem: read(path) for path in sorted(folder.glob("*.yaml"))}


def dump_transcription(transcription: Transcription) -> str:
    """A transcription as a person would type it, marks and all; `read_typed` gives it back.

    The essay is a block with one handwritten line per line, a field that is None is left out. As
    in reading, no line keeps spaces round it, none is empty, and print is one paragraph.

    Raises:
        UserError: it holds nothing, or a character that no YAML file can hold.
    """
    typed = []
    if transcription.topic is not None:
        typed.append(_dump("topic", _flat(transcription.topic)))
    if transcription.band is not None:
        typed.append(_dump("band", transcription.band))
    if lines := _lines(transcription.essay or []):
        typed += ["essay: |\n", *(f"  {line}\n" for line in lines)]
    if transcription.examiner_comment is not None:
        typed.append(_dump("examiner_comment", _flat(transcription.examiner_comment)))
    text = "".join(typed)
    if not text:
        raise UserError(f"holds no transcription; give some of {FIELDS}")
    if foul := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, foul.start()) + 1
        raise UserError(f"line {line} would hold U+{ord(foul[0]):04X}, which cannot be typed")
    return text


def _dump(field: str, value: str | float) -> str:
    return yaml.safe_dump({field: value}, allow_unicode=True, width=WIDTH)


def write_transcription(path: Path, transcription: Transcription) -> None:
    """Write `dump_transcription` whole or not at all: a crash leaves the file as it was.

    Raises:
        UserError: as `dump_transcription`, or the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        text = dump_transcription(transcription)
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None
