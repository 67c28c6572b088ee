"""python -m stages.correct: data/raw and the print in data/regions to data/corrected."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from stages.config.correct_settings import CorrectSettings
from stages.config.settings import Params
from stages.correct.channel.corrector import ChannelCorrector
from stages.correct.corrector import Corrector, TextLine, correct_text
from stages.correct.guard import Guard, LeavesHalves
from stages.correct.notebook import NotebookCorrector
from stages.correct.suspects import DropSuspects, suspects
from stages.correct.symspell import SymSpellCorrector
from stages.pages.records import CorrectedPage, CorrectedText, Layout, RawPage, Reading, Rejection
from stages.pages.stored import (
    CORRECTED,
    RAW,
    REGIONS,
    REJECTED,
    Stored,
    read_jsonl,
    read_record,
    stored_records,
    write_jsonl,
    write_record,
)
from stages.running.runner import each_page, fresh_folder, run_stage
from stages.store.kept import KeptPages
from stages.store.results import open_store

# Their files lie outside the project: what they wrote is not known by the settings.
ELSEWHERE = {"neuspell", "gector"}


def correct(params: Params) -> None:
    """Run the chain of correctors over every page's texts, and record every edit."""
    settings = params.correct
    pages = stored_records(RAW, "*.json", RawPage)
    rejected = read_jsonl(RAW / REJECTED, Rejection)
    mender = cache(lambda: Mender(settings))  # seconds, for nothing where all pages are kept
    fresh_folder(CORRECTED)

    def place(page: Stored[RawPage]) -> Path:
        return CORRECTED / f"{page.page}.json"

    def layout_of(page: Stored[RawPage]) -> Path:
        return REGIONS / page.page / "layout.json"

    def work(page: Stored[RawPage], kept: KeptPages[None] | None = None) -> None:
        raw, layout = page.read(), read_record(layout_of(page), Layout)

        def mend() -> None:
            write_record(place(page), mender()(raw, layout))

        if kept:
            kept.page(corrected_from(raw, layout), [], place(page), mend)
        else:
            mend()

    with open_store() as store:
        kept = KeptPages[None]("correct", settings, store)

        def keep(page: Stored[RawPage]) -> None:
            inputs = [page.path, layout_of(page)]
            kept.page(page.page, inputs, place(page), lambda: work(page, kept))

        outside = ELSEWHERE.intersection([*settings.chain, *settings.standard_chain])
        action = work if outside else keep
        rejected += each_page("correct", pages, action, params.on_reject)
    write_jsonl(CORRECTED / REJECTED, rejected)


def corrected_from(page: RawPage, layout: Layout) -> str:
    """All that a page's corrected texts follow from, the same for candidates that read the same."""
    lines = [line.model_dump_json(include={"crop", "box", "height", "ink"}) for line in page.lines]
    chosen = {line.crop for line in page.lines}
    readings = [found.model_dump_json() for found in page.readings if found.crop in chosen]
    printed = [text.text if text else "" for text in (layout.topic, layout.comment)]
    return json.dumps([page.page, page.source, lines, readings, printed])


class Mender:
    """Corrects pages, with correctors that are built once."""

    def __init__(self, settings: CorrectSettings) -> None:
        self._settings = settings
        self._chain = build_chain(settings.chain, settings)
        self._standard = build_chain(settings.standard_chain, settings)
        self._guard = Guard(settings.guard)

    def __call__(self, page: RawPage, layout: Layout) -> CorrectedPage:
        """The page's texts after correction, with every edit."""
        read = read_lines(page)
        doubtful = suspects([line.text for line in read], page.lines)
        dropped = {s.line: s.reason for s in doubtful} if self._settings.drop_suspects else {}
        essay = self._corrected("essay", read, [DropSuspects(dropped)])
        return CorrectedPage(
            page=page.page,
            source=page.source,
            topic=self._corrected("topic", _printed(layout.topic)),
            essay=essay,
            examiner_comment=self._corrected("examiner_comment", _printed(layout.comment)),
            suspects=doubtful,
            essay_standard=(
                correct_text(
                    [TextLine(line) for line in essay.corrected], self._standard, LeavesHalves()
                )
                if self._settings.target == "standard"
                else None
            ),
        )

    def _corrected(
        self, field: str, lines: Sequence[TextLine], first: Sequence[Corrector] = ()
    ) -> CorrectedText:
        rest = self._chain if field in self._settings.fields else []
        return correct_text(lines, [*first, *rest], self._guard)


def build_chain(names: Sequence[str], settings: CorrectSettings) -> list[Corrector]:
    """The correctors that a chain names, each built once."""
    return [build(name, settings) for name in names]


def build(name: str, settings: CorrectSettings) -> Corrector:
    """The corrector that a chain names; torch is imported only for those that need it."""
    match name:
        case "channel":
            return ChannelCorrector(settings.channel)
        case "symspell":
            return SymSpellCorrector(settings.symspell)
        case "notebook":
            return NotebookCorrector()
        case "neuspell":
            from stages.correct.neuspell import NeuSpellCorrector  # noqa: PLC0415

            return NeuSpellCorrector(settings.neuspell)
        case "gector":
            from stages.correct.gector import GectorCorrector  # noqa: PLC0415

            return GectorCorrector(settings.gector)
    raise ValueError(name)


def read_lines(page: RawPage) -> list[TextLine]:
    """The lines of the chosen candidate as read, in reading order."""
    read = {reading.crop: reading.hypotheses for reading in page.readings}
    return [TextLine(read[line.crop][0].text, read[line.crop]) for line in page.lines]


def _printed(reading: Reading | None) -> list[TextLine]:
    return [TextLine(reading.text)] if reading and reading.text else []


if __name__ == "__main__":
    run_stage("correct", correct)
