"""Texts to measure correctors on, as written and as the pipeline's recogniser reads them."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.noise import Readings, misread
from bench.pages import copy_project, put_pages, time_stages
from samples.__main__ import save
from samples.answers import read_answers, transcribe
from samples.compose import compose
from samples.style import random_style
from stages.correct.__main__ import read_lines
from stages.correct.corrector import TextLine
from stages.errors import UserError
from stages.pages.records import Hypothesis, RawPage, Token
from stages.pages.stored import RAW, TRANSCRIPTIONS, read_records
from stages.pages.transcriptions import read_transcriptions
from stages.recognize.reader import Reader
from training.crop import cut_out, write
from training.evaluate import render_lines
from training.fonts import font_paths
from training.hand import Hand
from training.text import Line

UNSEEN = Path(__file__).with_name("unseen.yaml")
SEED = 77
MISSPELT_LINES = 400
NOISE = 0.0745  # drawn a character; where none of its kind was observed, nothing happens: 7 %


@dataclass(frozen=True)
class Page:
    """A text as written, line by line, and as read."""

    written: list[str]
    read: list[TextLine]


@dataclass(frozen=True)
class MisspeltLine:
    """A line as written and as read; which of its words are misspelt, counted from 0."""

    written: str
    read: TextLine
    misspelt: frozenset[int]


def certain(text: str) -> TextLine:
    """A line whose every character was read with certainty."""
    tokens = [Token(text=character, logprob=0.0) for character in [*text, ""]]
    return TextLine(text, [Hypothesis(text=text, score=0.0, tokens=tokens)])


def essays() -> list[list[str]]:
    """The essays that no corrector was chosen by, each as its lines in order."""
    return [transcribe(answer, curly=False).essay or [] for answer in read_answers(UNSEEN)]


def sample_pages() -> list[Page]:
    """The sample pages as they stand in data/raw."""
    return _pages_in(Path())


def real_pages(folder: Path) -> list[Page]:
    """The pages of a folder (see `bench.pages`)."""

    def put(project: Path) -> None:
        if not put_pages(folder, project):
            raise UserError(f"{folder}: holds no */page.png")

    return _read_pages(put)


def unseen_pages() -> list[Page]:
    """Whole pages with the unseen essays, each in a style and hand drawn at random."""

    def put(project: Path) -> None:
        for name in ("pages", "transcriptions"):
            shutil.rmtree(project / "data" / name)
        for index, answer in enumerate(read_answers(UNSEEN)):
            rng = np.random.default_rng((SEED, index))
            page = compose(answer, random_style(rng), rng)
            save(f"{answer.page}.png", page, project / "data", with_labels=False)

    return _read_pages(put)


def _read_pages(put: Callable[[Path], None]) -> list[Page]:
    """What the pipeline reads in a scratch copy of the project whose pages `put` has replaced."""
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        copy_project(project)
        put(project)
        time_stages(project, ["correct=none"], ["params", "crop", "segment", "recognize"])
        return _pages_in(project)


def _pages_in(project: Path) -> list[Page]:
    typed = read_transcriptions(project / TRANSCRIPTIONS)
    written = {page: found.essay for page, found in typed.items() if found.essay}
    found = read_records(project / RAW, "*.json", RawPage)
    return [Page(written[page.page], read_lines(page)) for page in found if page.page in written]


def noisy_pages(reader: Reader) -> list[Page]:
    """Every essay once more, each by its own writer in a font kept out of training."""
    fonts = font_paths("held_out")
    pages = []
    for index, essay in enumerate(essays()):
        rng = np.random.default_rng((SEED, index))
        hand = Hand.sample(fonts[index % len(fonts)], rng)
        inks = [write(Line(line), hand, rng) for line in essay]
        crops = []
        for k, ink in enumerate(inks):
            neighbours = inks[max(0, k - 1) : k] + inks[k + 1 : k + 2]
            image = cut_out(ink, neighbours, rng).image
            crops.append(np.repeat(image[..., None], 3, axis=2))
        read = [TextLine(found[0].text, found) for found in reader.read(crops)]
        pages.append(Page(essay, read))
    return pages


def simulated_pages(readings: Readings) -> list[Page]:
    """Every essay misread at a character error rate of about 7 %."""
    rng = np.random.default_rng(SEED)
    return [
        Page(essay, [misread(line, readings, NOISE, rng) for line in essay]) for essay in essays()
    ]


def misspelt_lines(reader: Reader) -> list[MisspeltLine]:
    """Rendered lines in fonts kept out of training, each with misspelt words."""
    lines = render_lines("held_out", MISSPELT_LINES, True, True, SEED)
    read = [TextLine(found[0].text, found) for found in reader.read(lines.crops)]
    rows = zip(lines.texts, read, lines.misspelt, strict=True)
    return [MisspeltLine(text, line, frozenset(words)) for text, line, words in rows]
