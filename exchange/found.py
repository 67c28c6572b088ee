"""What another tool's file says of a page, as a transcription of one of the project's pages."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import ValidationError

from exchange.sheets import FIELDS, Field
from stages.crop.text import join_lines
from stages.errors import UserError
from stages.pages.records import Transcription
from stages.pages.scans import PAGES, PageSource

TRANSKRIBUS_NUMBER = re.compile(r"^\d{4}_")
PRINTED: tuple[Field, ...] = ("topic", "examiner_comment")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
NAMES: Mapping[str, Field] = {field: field for field in FIELDS} | {"comment": "examiner_comment"}


@dataclass(frozen=True)
class Found:
    """A page in a file.

    Attributes:
        origin: the file, and where in it, for messages.
        names: what the page or its image may be called, the surest first.
        lines: of each field, in reading order; None for a line without text.
        guessed: regions with text that count as handwriting because nothing says what they are.
        blank: fields of print that are said to be empty; lines with text say otherwise.
    """

    origin: str
    names: list[str]
    lines: Mapping[Field, list[str | None]]
    guessed: Sequence[str] = ()
    blank: Collection[Field] = ()

    @property
    def untyped(self) -> int:
        """How many lines have no text."""
        return sum(not text for texts in self.lines.values() for text in texts)


def field_of(*names: str | None) -> Field | None:
    """The field that the first known name stands for; None if none is known."""
    known = (NAMES.get(name.strip().lower()) for name in names if name)
    return next((field for field in known if field), None)


def transcription_of(found: Found) -> Transcription:
    """The page's texts as a person would type them: lines without text are left out.

    Printed lines are one paragraph (`stages.crop.text.join_lines`); the band is the last number in
    its region; breaks within a line become spaces.

    Raises:
        UserError: no line has any text, or the band's region holds no band.
    """
    texts = {field: _typed(found.lines.get(field, [])) for field in FIELDS}
    print_of: dict[Field, str | None] = {
        field: join_lines(texts[field]) or ("" if field in found.blank else None)
        for field in PRINTED
    }
    if not any(texts.values()) and set(print_of.values()) == {None}:
        raise UserError(f"{found.origin}: no line has any text; transcribe the page and export it")
    try:
        return Transcription(
            band=_band(" ".join(texts["band"]), found.origin),
            essay=texts["essay"] or None,
            **print_of,
        )
    except ValidationError:
        raise UserError(
            f"{found.origin}: {texts['band'][-1]!r} holds no band from 0 to 9 in halves; mend it"
        ) from None


def _typed(texts: Iterable[str | None]) -> list[str]:
    flat = (" ".join(text.splitlines()).strip() for text in texts if text)
    return [text for text in flat if text]


def _band(text: str, origin: str) -> float | None:
    if not text:
        return None
    numbers = NUMBER.findall(text)
    if not numbers:
        raise UserError(f"{origin}: the band's region holds no number, but {text!r}; mend it")
    return float(numbers[-1].replace(",", "."))


def page_of(found: Found, sources: Sequence[PageSource]) -> str:
    """The project's page that a file's page is, by the names of both and of the scans.

    Where none fits, by the names without the page's number that Transkribus's server puts before
    them. Only a page that is in `sources` is ever given, whatever the file says.

    Raises:
        UserError: none or several have that name, or its scan cannot become a page.
    """
    bases = [re.split(r"[\\/]", name)[-1] for name in found.names]
    for base in [*bases, *(TRANSKRIBUS_NUMBER.sub("", base) for base in bases)]:
        stem = PurePosixPath(base).stem
        same = [source for source in sources if base in (source.source, source.page)]
        same = same or [source for source in sources if stem == source.page]
        if len(same) > 1:
            pages = ", ".join(source.page for source in same)
            raise UserError(f"{found.origin}: {base!r} may be any of {pages}; name the page's own")
        if same and same[0].fault:
            raise UserError(f"{found.origin}: {same[0].path} {same[0].fault}")
        if same:
            return same[0].page
    said = " or ".join(dict.fromkeys(repr(name) for name in found.names)) or "no name"
    raise UserError(f"{found.origin}: is of {said}, and {PAGES} has no page of that name")
