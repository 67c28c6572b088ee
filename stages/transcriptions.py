"""Hand transcriptions: data/transcriptions/<page>.yaml, as a person types them.

Two marks may stand in the essay (docs/transcribing.md): `~~struck out~~` is kept in the file and
left out of what is read from it; `[?]` stands for what nobody can read, and is in no score.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from stages.errors import UserError
from stages.records import Transcription

FIELDS = ", ".join(Transcription.model_fields)
STRIKE = "~~"
STRUCK = re.compile(r"~~(?!~).+?~~")
UNREADABLE = "[?]"


def read_transcription(path: Path) -> Transcription:
    """A page's transcription; `essay` has one string per handwritten line, without what is struck.

    Raises:
        UserError: as `read_typed`, or a `~~` has no partner in its line, or all is struck.
    """
    typed = read_typed(path)
    if typed.essay is None:
        return typed
    try:
        essay = [without_struck(line) for line in typed.essay]
    except ValueError as error:
        raise UserError(f"{path}: essay: {error}") from None
    if not any(essay):
        raise UserError(f"{path}: essay: all of it is struck; leave the field out")
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
        content["essay"] = [line.strip() for line in content["essay"].splitlines() if line.strip()]
    for field in ("topic", "examiner_comment"):
        if isinstance(content.get(field), str):
            content[field] = " ".join(content[field].split())
    try:
        return Transcription.model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in fault["loc"])
        raise UserError(f"{origin}: {name}: {fault['msg']}; known fields: {FIELDS}") from None


def _yaml_fault(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        return f"line {line}: {error.problem or error.context}; quote the text or use a | block"
    return f"not YAML ({' '.join(str(error).split())})"


def read_transcriptions(folder: Path) -> dict[str, Transcription]:
    """All transcriptions in `folder` by page name; an absent folder holds none.

    Raises:
        UserError: one of them cannot be read.
    """
    return {path.stem: read_transcription(path) for path in sorted(folder.glob("*.yaml"))}


class _Block(str):
    pass


class _Dumper(yaml.SafeDumper):
    pass


def _represent_block(dumper: yaml.SafeDumper, text: _Block) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")


_Dumper.add_representer(_Block, _represent_block)


def dump_transcription(transcription: Transcription) -> str:
    """A transcription as YAML; the essay is a block with one handwritten line per line.

    A field without a value is left out. `read_typed` gives back the same transcription if no line
    has white space at its ends, and topic and comment none but single spaces.
    """
    content: dict[str, Any] = transcription.model_dump(exclude_none=True)
    if transcription.essay:
        content["essay"] = _Block("\n".join(transcription.essay) + "\n")
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96)
