"""Hand transcriptions: data/transcriptions/<page>.yaml, as a person types them."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from stages.errors import UserError
from stages.plain_yaml import compose, lines, read_text, texts
from stages.records import Transcription

FIELDS = ", ".join(Transcription.model_fields)
CURES = {
    "band": "give a number from 0 to 9 in steps of 0.5, such as 6.5",
    "essay": "give text under `essay: |`, one handwritten line per line, or leave it out",
    "topic": "give text, or leave it out",
    "examiner_comment": "give text, or leave it out",
}


def read_transcription(path: Path) -> Transcription:
    """A page's transcription.

    Raises:
        UserError: as `parse_transcription`, or the file cannot be read, is too large or no UTF-8.
    """
    return parse_transcription(read_text(path), str(path))


def parse_transcription(text: str, origin: str) -> Transcription:
    """YAML text as a transcription; `essay` is a block with one handwritten line per line.

    Values are text as typed, whatever else YAML would take them for.

    Args:
        origin: what the text is called in an error.

    Raises:
        UserError: no plain YAML (`stages.plain_yaml`), an unknown field, a wrong value,
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
        typed = content["essay"] or ""
        content["essay"] = [line.strip() for line in typed.splitlines() if line.strip()]
    for field in ("topic", "examiner_comment"):
        if isinstance(content.get(field), str):
            content[field] = " ".join(content[field].split())
    try:
        return Transcription.model_validate(content)
    except ValidationError as error:
        place = tuple(str(part) for part in error.errors(include_url=False)[0]["loc"])
        where = lines(node).get(place) or lines(node).get(place[:1], 1)
        raise UserError(f"{origin}: line {where}: {_fault(place[0], content)}") from None


def _fault(field: str, content: dict[str, Any]) -> str:
    if field in CURES:
        value = content[field]
        shown = f" {value[:40]!r}" if isinstance(value, str) else ""
        return f"{field}{shown}: {CURES[field]}"
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


def read_transcriptions(folder: Path) -> dict[str, Transcription]:
    """All transcriptions in `folder` by page name; an absent folder holds none.

    Hidden files, and files that are no YAML by their name, are left out.

    Raises:
        UserError: one of them cannot be read, or its name ends in `.yml` or the like.
    """
    found = {}
    for path in sorted(folder.glob("[!.]*")):
        if path.suffix == ".yaml":
            found[path.stem] = read_transcription(path)
        elif path.suffix.lower() in (".yaml", ".yml"):
            raise UserError(f"{path}: not read by this name; rename it to {path.stem}.yaml")
    return found
