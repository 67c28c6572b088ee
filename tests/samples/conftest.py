import pytest

from samples.__main__ import sample_pages
from samples.compose import SamplePage


@pytest.fixture(scope="session")
def made() -> dict[str, SamplePage]:
    """The sample pages as the generator makes them now, by file name."""
    return dict(sample_pages())
