import pytest

from stages.config import CropSettings, load


@pytest.fixture
def settings() -> CropSettings:
    return load(["crop=anchors"]).crop
