import pytest

from stages.config import load
from stages.settings import CropSettings


@pytest.fixture
def settings() -> CropSettings:
    return load(["crop=anchors"]).crop
