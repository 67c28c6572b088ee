"""Small answer sheets, for measurements in which the pipeline runs many times."""

from pathlib import Path

import numpy as np

from samples.__main__ import save
from samples.answers import read_answers
from samples.compose import SamplePage, compose
from samples.style import STYLES

LINES = 4
STYLE = "03-video-lessons"


def small_page(number: int) -> SamplePage:
    """A few handwritten lines, 1240 pixels wide; no two numbers (from 0) give the same pixels."""
    answers = read_answers()
    answer = answers[number % len(answers)]
    lines = [line for line in answer.essay.strip().splitlines() if line][:LINES]
    first = answer.comment.split(". ")[0].rstrip(".") + "."
    short = answer.model_copy(update={"essay": "\n".join(lines), "comment": first})
    return compose(short, STYLES[STYLE], np.random.default_rng(number))


def put_small_page(project: Path, number: int) -> None:
    """Make `sheet`, with its transcription, the project's one page."""
    for folder in (project / "data/pages", project / "data/transcriptions"):
        for old in folder.glob("[!.]*"):
            old.unlink()
    save("sheet.png", small_page(number), project / "data", with_labels=False)
