"""python -m stages.correct: data/raw and the print in data/regions to data/corrected."""

from stages.correct.corrector import Corrector, TextLine, correct_text
from stages.correct.notebook import NotebookCorrector
from stages.correct.symspell import SymSpellCorrector
from stages.records import CorrectedPage, Layout, RawPage, Reading, Rejection
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
from stages.settings import CorrectSettings, Params


def correct(params: Params) -> None:
    """Run the chain of correctors over every page's texts, and record every edit."""
    pages = read_records(RAW, "*.json", RawPage)
    rejected = read_jsonl(RAW / REJECTED, Rejection)
    chain = [build(name, params.correct) for name in params.correct.chain]
    fresh_folder(CORRECTED)

    def work(page: RawPage) -> None:
        layout = read_record(REGIONS / page.page / "layout.json", Layout)
        raw = {
            "topic": _printed(layout.topic),
            "essay": read_lines(page),
            "examiner_comment": _printed(layout.comment),
        }
        fields = params.correct.fields
        texts = {
            name: correct_text(lines, chain if name in fields else [])
            for name, lines in raw.items()
        }
        record = CorrectedPage(page=page.page, source=page.source, **texts)
        write_record(CORRECTED / f"{page.page}.json", record)

    rejected += each_page("correct", pages, work, params.on_reject)
    write_jsonl(CORRECTED / REJECTED, rejected)


def build(name: str, settings: CorrectSettings) -> Corrector:
    """The corrector that a chain names; torch is imported only for those that need it."""
    match name:
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
