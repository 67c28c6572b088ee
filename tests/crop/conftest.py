import pytest

from stages.config.composition import load
from stages.config.settings import CropSettings


@pytest.fixture
def settings() -> CropSettings:
    return load(["crop=anchors"]).crop
