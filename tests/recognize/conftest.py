from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from stages.config import load
from stages.settings import RecognizeSettings
from tests.recognize import checkpoints


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
