"""Hand transcriptions: data/transcriptions/<page>.yaml, as a person types them."""

from pathlib import Path
from textwrap import shorten
from typing import Any

import yaml
from pydantic import ValidationError

from stages.errors import UserError
from stages.records import Transcription

FIELDS = ", ".join(Transcription.model_fields)
MAX_SAID = 200


def read_transcription(path: Path) -> Transcription:
    """A page's transcription; `essay` is a block with one handwritten line per line.

    Raises:
        UserError: no UTF-8, no YAML, an unknown field, a wrong type, or nothing transcribed.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except Exception as error:  # PyYAML's constructors raise errors of any kind
        raise UserError(f"{path}: {_yaml_fault(error)}") from None
    if not isinstance(content, dict) or not content:
        raise UserError(f"{path}: holds no transcription; give some of {FIELDS}")
    if isinstance(content.get("essay"), str):
        content["essay"] = [line.strip() for line in content["essay"].splitlines() if line.strip()]
    for field in ("topic", "examiner_comment"):
        if isinstance(content.get(field), str):
            content[field] = " ".join(content[field].split())
    try:
        return _checked(path, Transcription.model_validate(content))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = shorten(".".join(str(part) for part in fault["loc"]), MAX_SAID)
        raise UserError(f"{path}: {name}: {fault['msg']}; known fields: {FIELDS}") from None


def _checked(path: Path, read: Transcription) -> Transcription:
    """A transcription whose texts can be written again: YAML's escapes allow half a character."""
    for field in ("topic", "essay", "examiner_comment"):
        try:
            "".join(getattr(read, field) or ()).encode()
        except UnicodeEncodeError as error:
            half = ascii(error.object[error.start])
            raise UserError(f"{path}: {field}: {half} is no character; type it as it is") from None
    return read


def _yaml_fault(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        problem = shorten(str(error.problem or error.context), MAX_SAID)
        return f"line {line}: {problem}; quote the text or use a | block"
    return f"not YAML ({shorten(f'{type(error).__name__}: {error}', MAX_SAID)})"


def read_transcriptions(folder: Path) -> dict[str, Transcription]:
    """All transcriptions in `folder` by page name; an absent folder holds none.

    Raises:
        UserError: one of them cannot be read.
    """
    return {path.stem: read_transcription(path) for path in sorted(folder.glob("*.yaml"))}
