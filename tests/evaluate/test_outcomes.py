from dataclasses import replace

import pytest

from stages.evaluate.outcomes import gather
from stages.pages.records import Provenance
from stages.pages.trained import TrainedPage


@pytest.mark.usefixtures("workplace")
def test_a_page_counts_as_trained_on_by_its_scan() -> None:
    known = TrainedPage(page="renamed", scan="a's digest")
    other_scan = TrainedPage(page="c", scan="of another project")
    rejected = TrainedPage(page="b", scan="b's digest")
    entries = gather({}, [known, other_scan, rejected])
    assert [entry.page for entry in entries if entry.trained_on] == ["a"]
    assert [entry.page for entry in entries if entry.outcome().trained_on] == ["a"]


@pytest.mark.usefixtures("workplace")
def test_scores_are_of_all_that_led_to_a_page_but_the_thresholds_name() -> None:
    entry = next(entry for entry in gather({}) if entry.page == "a")

    def scored_by(**changed: object) -> list[str]:
        led = Provenance.model_validate_json(entry.told[1]).model_copy(update=changed)
        told = (entry.told[0], led.model_dump_json().encode())
        return replace(entry, told=told).scored_by()

    assert scored_by(candidate="seams@0.9") == entry.scored_by()
    assert scored_by(essay_score=-1.5) != entry.scored_by()
