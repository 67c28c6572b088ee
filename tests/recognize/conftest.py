import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from stages.config.composition import load
from stages.config.settings import RecognizeSettings
from stages.pages.records import Box, Candidate, Line, PageLines
from stages.pages.stored import write_record
from tests.recognize import checkpoints
from tests.recognize.drawing import WORDS, draw_line
from tests.recognize.runs import ROOT


@pytest.fixture
def settings() -> Callable[..., RecognizeSettings]:
    """Settings of the embedded option with the given changes."""
    base = load(["recognize=embedded"]).recognize

    def changed(**changes: object) -> RecognizeSettings:
        return RecognizeSettings.model_validate(base.model_dump() | changes)

    return changed


@pytest.fixture
def lines() -> list[np.ndarray]:
    """Three line crops of different widths, drawn in one font."""
    crops = []
    for text in ("many people think", "that cities are loud and", "yes"):
        font = ImageFont.load_default(40)
        image = Image.new("RGB", (int(font.getlength(text)) + 20, 60), "white")
        ImageDraw.Draw(image).text((10, 5), text, "black", font)
        crops.append(np.asarray(image))
    return crops


@pytest.fixture(scope="session", params=["base", "small"])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random checkpoint in a published layout."""
    folder = tmp_path_factory.mktemp(request.param)
    getattr(checkpoints, f"write_{request.param}")(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the settings, the embedded checkpoint and two pages of six lines."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "conf", project / "conf")
    (project / "models").symlink_to(ROOT / "models")
    for page in ("one", "two"):
        lines = []
        for row, word in enumerate(WORDS[:6] if page == "one" else WORDS[3:]):
            image = draw_line(word)
            place = project / "data/lines" / page / f"line-{row}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            image.save(place)
            lines.append(
                Line(
                    box=Box(left=0, top=60 * row, right=image.width, bottom=60 * row + 52),
                    crop=place.stem,
                    ink=500,
                    polygon=[],
                    baseline=[],
                    slope=0.0,
                    height=30.0,
                    flags=[],
                )
            )
        candidate = Candidate(name="drawn@0.5", threshold=0.5, lines=lines)
        record = PageLines(page=page, source=f"{page}.png", candidates=[candidate])
        write_record(project / "data/lines" / page / "lines.json", record)
    (project / "data/lines/rejected.jsonl").touch()
    return project
