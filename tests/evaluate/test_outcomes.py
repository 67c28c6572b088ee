import pytest

from stages.evaluate.outcomes import gather
from stages.pages.trained import TrainedPage


@pytest.mark.usefixtures("workplace")
def test_a_page_counts_as_trained_on_by_its_scan() -> None:
    known = TrainedPage(page="renamed", scan="a's digest")
    other_scan = TrainedPage(page="c", scan="of another project")
    rejected = TrainedPage(page="b", scan="b's digest")
    entries = gather({}, [known, other_scan, rejected])
    assert [entry.page for entry in entries if entry.trained_on] == ["a"]
    assert [entry.page for entry in entries if entry.outcome().trained_on] == ["a"]
