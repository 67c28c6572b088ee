"""The sample texts, and the markup of what a hand does beside writing words in a row."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import yaml
from pydantic import Field, ValidationError

from stages.errors import UserError
from stages.pages.records import Band, Record, Transcription

TEXTS = Path(__file__).with_name("texts.yaml")

MARKUP = re.compile(r"~~(?P<struck>[^~^]+)~~|\^(?P<inserted>[^~^]+)\^")

Kind = Literal["plain", "struck", "inserted"]


class Word(NamedTuple):
    """A handwritten word: plain, crossed out, or inserted above its line."""

    text: str
    kind: Kind = "plain"


class Answer(Record):
    """What stands on one page.

    `topic` holds the prompt's printed paragraphs. `essay` is a block of handwritten lines with
    markup: `~~struck~~`, `^inserted^`; an empty line begins a paragraph.
    """

    page: str
    topic: Annotated[list[str], Field(min_length=1)]
    test: Annotated[int, Field(ge=1)]
    band: Band
    essay: str
    comment: str

    @property
    def lines(self) -> list[list[Word]]:
        """The handwritten lines in order; an empty one begins a paragraph.

        Raises:
            UserError: a marker is not closed.
        """
        return [parse_line(line) for line in self.essay.strip().splitlines()]


def parse_line(line: str) -> list[Word]:
    """The words of a handwritten line; each word of a marked passage carries the mark.

    Raises:
        UserError: a marker is not closed.
    """
    words: list[Word] = []
    end = 0
    for match in MARKUP.finditer(line):
        words += [Word(text) for text in line[end : match.start()].split()]
        kind: Kind = "struck" if match["struck"] else "inserted"
        words += [Word(text, kind) for text in match[kind].split()]
        end = match.end()
    words += [Word(text) for text in line[end:].split()]
    if any(mark in word.text for word in words for mark in "~^"):
        raise UserError(f"{line!r}: markup not closed; write ~~struck~~ and ^inserted^")
    return words


def markup(words: Iterable[Word]) -> str:
    """The inverse of `parse_line`."""
    marks = {"plain": "", "struck": "~~", "inserted": "^"}
    return " ".join(marks[word.kind] + word.text + marks[word.kind] for word in words)


def read_as(words: Iterable[Word]) -> str:
    """A line as a person transcribes it: insertions in their place, struck words left out."""
    return " ".join(word.text for word in words if word.kind != "struck")


def typeset(text: str, curly: bool) -> str:
    """A text as printed: with typographic quotes and apostrophes if `curly`."""
    if not curly:
        return text
    words = []
    for word in text.split(" "):
        body = word.lstrip("('\"")
        opening = word[: len(word) - len(body)].replace("'", "\u2018").replace('"', "\u201c")
        words.append(opening + body.replace("'", "\u2019").replace('"', "\u201d"))
    return " ".join(words)


def transcribe(answer: Answer, curly: bool) -> Transcription:
    """The transcription of an answer's page, its print with the quotes as printed."""
    return Transcription(
        topic=typeset(" ".join(answer.topic), curly),
        band=answer.band,
        essay=[read_as(line) for line in answer.lines if line],
        examiner_comment=typeset(answer.comment, curly),
    )


def read_answers(path: Path = TEXTS) -> list[Answer]:
    """All answers of a texts file, in file order.

    Raises:
        UserError: one of them is not a valid answer.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return [Answer.model_validate(entry) for entry in entries]
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise UserError(f"{path}: {fault['loc']}: {fault['msg']}; mend this answer") from None
