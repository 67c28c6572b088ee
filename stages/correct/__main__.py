"""python -m stages.correct: data/raw and the print in data/regions to data/corrected."""

from collections.abc import Sequence

from stages.correct.channel.corrector import ChannelCorrector
from stages.correct.corrector import Corrector, TextLine, correct_text
from stages.correct.guard import Guard
from stages.correct.notebook import NotebookCorrector
from stages.correct.suspects import DropSuspects, suspects
from stages.correct.symspell import SymSpellCorrector
from stages.correct_settings import CorrectSettings
from stages.kept import KeptPages
from stages.records import CorrectedPage, CorrectedText, Layout, RawPage, Reading, Rejection
from stages.runner import (
    CORRECTED,
    RAW,
    REGIONS,
    REJECTED,
    each_page,
    fresh_folder,
    read_jsonl,
    read_record,
    read_records,
    run_stage,
    write_jsonl,
    write_record,
)
from stages.settings import Params
from stages.store.results import open_store

# Their files lie outside the project: what they wrote is not known by the settings.
ELSEWHERE = {"neuspell", "gector"}


def correct(params: Params) -> None:
    """Run the chain of correctors over every page's texts, and record every edit."""
    settings = params.correct
    pages = read_records(RAW, "*.json", RawPage)
    rejected = read_jsonl(RAW / REJECTED, Rejection)
    chain = build_chain(settings.chain, settings)
    standard = build_chain(settings.standard_chain, settings)
    guard = Guard(settings.guard)
    fresh_folder(CORRECTED)

    def work(page: RawPage) -> None:
        layout = read_record(REGIONS / page.page / "layout.json", Layout)
        read = read_lines(page)
        doubtful = suspects([line.text for line in read], page.lines)
        drop = DropSuspects({s.line: s.reason for s in doubtful} if settings.drop_suspects else {})

        def corrected(
            field: str, lines: Sequence[TextLine], first: Sequence[Corrector] = ()
        ) -> CorrectedText:
            rest = chain if field in settings.fields else []
            return correct_text(lines, [*first, *rest], guard)

        essay = corrected("essay", read, [drop])
        record = CorrectedPage(
            page=page.page,
            source=page.source,
            topic=corrected("topic", _printed(layout.topic)),
            essay=essay,
            examiner_comment=corrected("examiner_comment", _printed(layout.comment)),
            suspects=doubtful,
            essay_standard=(
                correct_text([TextLine(line) for line in essay.corrected], standard)
                if settings.target == "standard"
                else None
            ),
        )
        write_record(CORRECTED / f"{page.page}.json", record)

    with open_store() as store:
        kept = KeptPages[None]("correct", settings, store)

        def keep(page: RawPage) -> None:
            inputs = [RAW / f"{page.page}.json", REGIONS / page.page / "layout.json"]
            place = CORRECTED / f"{page.page}.json"
            kept.page(page.page, inputs, place, lambda: work(page))

        outside = ELSEWHERE.intersection([*settings.chain, *settings.standard_chain])
        action = work if outside else keep
        rejected += each_page("correct", pages, action, params.on_reject)
    write_jsonl(CORRECTED / REJECTED, rejected)


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
