"""A transcription's file as a person types it: only what changed is changed."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import yaml

from stages.errors import UserError
from stages.pages.records import Transcription
from stages.pages.transcriptions import dump_transcription, parse_typed

NO_TEXT = {"Cc", "Cs"}
NO_CHARACTER = "\ufeff\ufffe\uffff"


def clean(text: str) -> str:
    """`text` with single spaces, and without characters that are no text."""
    kept = (c for c in " ".join(text.split()) if unicodedata.category(c) not in NO_TEXT)
    return " ".join("".join(c for c in kept if c not in NO_CHARACTER).split())


def updated(text: str | None, changes: Mapping[str, Any]) -> str | None:
    """The file's text with some fields changed.

    All other fields, their order, comments and layout stay as they are; only where that cannot be
    (flow style, all fields indented) is the whole file written anew.

    Args:
        text: the file's text, without a fault; None: there is no file.
        changes: values by field, as in `Transcription`; None takes a field out, but for one that
            is there and empty: nothing is printed on the page.

    Returns:
        None for a transcription without any field.
    """
    now = parse_typed(text, "the file") if text is not None else Transcription()
    before = now.model_dump()
    wanted = Transcription.model_validate(
        before | {name: value for name, value in changes.items() if (value or before[name]) != ""}
    )
    if wanted == now:
        return text
    if wanted == Transcription():
        return None
    spliced = text and _spliced(text, now, wanted)
    return spliced if spliced and _holds(spliced, wanted) else dump_transcription(wanted)


def _holds(text: str, wanted: Transcription) -> bool:
    try:
        return parse_typed(text, "the file") == wanted
    except UserError:
        return False


def _spliced(text: str, now: Transcription, wanted: Transcription) -> str:
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    places = {key.value: (key.start_mark.index, value.end_mark.index) for key, value in node.value}
    text = text if text.endswith("\n") else text + "\n"
    changed = [name for name in now.model_dump() if getattr(now, name) != getattr(wanted, name)]
    added = [name for name in changed if name not in places]
    for name in sorted(set(changed) - set(added), key=lambda name: places[name], reverse=True):
        start, end = places[name]
        new = _entry(wanted, name)
        if new and text[start:end].endswith("\n"):
            text = text[:start] + new + text[end:]
        elif new:
            rest, below = text[end:].split("\n", 1)
            if rest.lstrip().startswith("#") and new.count("\n") > 1:
                new, rest = f"{rest.lstrip()}\n{new}", ""  # none can follow a block's lines
            text = text[:start] + new.rstrip("\n") + rest + "\n" + below
        else:
            past = end if text[start:end].endswith("\n") else text.index("\n", end) + 1
            text = text[:start] + text[past:]
    return text + "".join(_entry(wanted, name) for name in added)


def _entry(wanted: Transcription, name: str) -> str:
    value = getattr(wanted, name)
    return "" if value is None else dump_transcription(Transcription.model_validate({name: value}))
