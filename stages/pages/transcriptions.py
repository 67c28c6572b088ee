"""Hand transcriptions: data/transcriptions/<page>.yaml, as a person types them.

Two marks may stand in the essay (docs/transcribing.md): `~~struck out~~` is kept in the file and
left out of what is read from it; `[?]` stands for what nobody can read, and is in no score.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.reader import Reader

from stages.config.plain_yaml import compose, lines, read_text, texts
from stages.errors import UserError
from stages.files import write_bytes
from stages.pages.names import composed
from stages.pages.records import Transcription

FIELDS = ", ".join(Transcription.model_fields)
STRIKE = "~~"
STRUCK = re.compile(r"~~(?!~).+?~~")
UNREADABLE = "[?]"
WIDTH = 96
SHOWN = 60
INDENT = "indent every line of the essay by the same two spaces"
CURES = {
    "band": "give a number from 0 to 9 in steps of 0.5, such as 6.5",
    "essay": "give text under `essay: |`, one handwritten line per line, or leave it out",
    "topic": "give text, or leave it out",
    "examiner_comment": "give text, or leave it out",
}


class UnpairedMarkError(ValueError):
    """A typed line has a `~~` without partner; `line` is the whole of it."""

    def __init__(self, line: str) -> None:
        at = min(max(0, STRUCK.sub(_blank, line).find(STRIKE) - SHOWN // 2), len(line))
        super().__init__(f"{line[at : at + SHOWN]!r}: a ~~ without partner; write ~~struck~~")
        self.line = line


def _blank(struck: re.Match[str]) -> str:
    return " " * len(struck[0])


def read_transcription(path: Path) -> Transcription:
    """A page's transcription; `essay` has one string per handwritten line, without what is struck.

    Raises:
        UserError: as `read_typed`, or a `~~` has no partner in its line, or all is struck.
    """
    text = read_text(path)
    typed = parse_typed(text, str(path))
    try:
        return as_read(typed)
    except UnpairedMarkError as error:
        stripped = [line.strip() for line in text.splitlines()]
        where = f"line {stripped.index(error.line) + 1}: " if error.line in stripped else ""
        raise UserError(f"{path}: {where}essay: {error}") from None
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
        UnpairedMarkError: a mark has no partner.
    """
    kept = STRUCK.sub("", line)
    if STRIKE in kept:
        raise UnpairedMarkError(line)
    return line if kept == line else " ".join(kept.split())


def read_typed(path: Path) -> Transcription:
    """A page's transcription as it is typed, marks and all.

    Raises:
        UserError: as `parse_typed`, or the file cannot be read, is too large or no UTF-8.
    """
    return parse_typed(read_text(path), str(path))


def parse_typed(text: str, origin: str) -> Transcription:
    """YAML text as a transcription, marks and all.

    Values are text as typed, whatever else YAML would take them for.

    Args:
        origin: what the text is called in an error.

    Raises:
        UserError: no plain YAML (`stages.config.plain_yaml`), an unknown field, a wrong value,
            an essay whose lines YAML joins, or nothing transcribed. One line with the number of
            the line at fault, and what to do.
    """
    node = compose(text, origin)
    content = texts(node)
    if not isinstance(content, dict) or not content:
        raise UserError(f"{origin}: holds no transcription; give some of {FIELDS}")
    assert isinstance(node, yaml.MappingNode)
    _refuse_joined_lines(node, origin)
    if "essay" in content and not isinstance(content["essay"], list | dict):
        content["essay"] = _lines([content["essay"] or ""])
    for field in ("topic", "examiner_comment"):
        if isinstance(content.get(field), str):
            content[field] = _flat(content[field])
    try:
        return Transcription.model_validate(content)
    except ValidationError as error:
        place = tuple(str(part) for part in error.errors(include_url=False)[0]["loc"])
        where = lines(node).get(place) or lines(node).get(place[:1], 1)
        raise UserError(f"{origin}: line {where}: {_fault(place[0], content)}") from None


def _lines(blocks: Iterable[str]) -> list[str]:
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _fault(field: str, content: dict[str, Any]) -> str:
    if field in CURES:
        value = content[field]
        shown = f" {value[:40]!r}" if isinstance(value, str) else ""
        return f"{field}{shown}: {CURES[field]}"
    if " " in field:
        return f"{field[:40]!r}: no such field; if it is text of the essay, {INDENT}"
    like = get_close_matches(field, CURES, n=1)
    meant = f" (did you mean {like[0]}?)" if like else ""
    return f"{field[:40]!r}: no such field{meant}; known fields: {FIELDS}"


def _refuse_joined_lines(node: yaml.MappingNode, origin: str) -> None:
    for key, value in node.value:
        if key.value != "essay" or not isinstance(value, yaml.ScalarNode):
            continue
        escaped = value.style == '"' and "\n" in value.value
        broken = value.start_mark.line != value.end_mark.line and not escaped
        if value.style == ">" or (value.style != "|" and broken):
            line = value.start_mark.line + 1
            raise UserError(
                f"{origin}: line {line}: essay: YAML joins these lines to one; begin it `essay: |`"
            )


class Transcriptions(Mapping[str, Transcription]):
    """Transcriptions by their files' names without the ending.

    A page finds its own by its very name, or else by one that differs in how its accents are
    encoded only: the scan may come from a Mac, the name of the transcription from a keyboard.
    """

    def __init__(self, typed: Mapping[str, Transcription]) -> None:
        self._typed = dict(typed)
        self._names = {composed(name): name for name in typed}

    def name_of(self, page: str) -> str | None:
        """By which name the page's transcription is here; None if it has none."""
        return page if page in self._typed else self._names.get(composed(page))

    def __getitem__(self, page: str) -> Transcription:
        return self._typed[self.name_of(page) or page]

    def __iter__(self) -> Iterator[str]:
        return iter(self._typed)

    def __len__(self) -> int:
        return len(self._typed)


def transcription_path(page: str, folder: Path) -> Path:
    """A page's file in `folder`: of its very name, or else one whose accents are encoded
    otherwise, as in `Transcriptions`."""
    path = folder / f"{page}.yaml"
    if path.exists() or page.isascii():
        return path
    others = (
        other for other in folder.glob("[!.]*.yaml") if composed(other.stem) == composed(page)
    )
    return next(others, path)


class MistakesError(UserError):
    """Some transcriptions cannot be read; `mistakes` has one line for each of them."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        first, *others = mistakes
        more = f" (the first of {len(mistakes)} such files)" if others else ""
        super().__init__(f"{first}{more}")
        self.mistakes = mistakes


def read_transcriptions(
    folder: Path, read: Callable[[Path], Transcription] = read_transcription
) -> Transcriptions:
    """All transcriptions in `folder`; an absent folder holds none.

    Args:
        read: `read_typed` keeps the marks.
    Hidden files, and those that are no YAML by their name, are left out.

    Raises:
        MistakesError: some of them cannot be read, or have names that end in `.yml` or the like.
    """
    found, mistakes = {}, []
    for path in sorted(folder.glob("[!.]*")):
        try:
            if path.suffix == ".yaml":
                found[path.stem] = read(path)
            elif path.suffix.lower() in (".yaml", ".yml"):
                raise UserError(f"{path}: not read by this name; rename it to {path.stem}.yaml")
        except UserError as error:
            mistakes.append(str(error))
    if mistakes:
        raise MistakesError(mistakes)
    return Transcriptions(found)


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
    if essay := _lines(transcription.essay or []):
        typed += ["essay: |\n", *(f"  {line}\n" for line in essay)]
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
    try:
        text = dump_transcription(transcription)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    write_bytes(path, text.encode(), durable=True)
