"""python -m stages.assemble: what the stages before wrote of every page to data/dataset."""

from collections import Counter

from stages.assemble.card import dataset_card
from stages.assemble.join import dataset_record, no_text, provenance
from stages.config.settings import Params
from stages.errors import PageError, UserError
from stages.files import write_text, writing
from stages.pages.records import CorrectedPage, Layout, PageLines, RawPage, Rejection
from stages.pages.stored import (
    CORRECTED,
    DATASET,
    LINES,
    RAW,
    REGIONS,
    REJECTED,
    Stored,
    json_line,
    read_jsonl,
    read_record,
    stored_records,
    write_jsonl,
)
from stages.running.runner import each_page, fresh_folder, run_stage


def assemble(params: Params) -> None:
    """Join what is known about every page into the dataset and its provenance."""
    pages = stored_records(CORRECTED, "*.json", CorrectedPage)
    rejected = read_jsonl(CORRECTED / REJECTED, Rejection)
    bands: Counter[float | None] = Counter()
    checkpoints: Counter[str] = Counter()
    fresh_folder(DATASET)
    with (
        writing(DATASET / "dataset.jsonl") as records,
        writing(DATASET / "provenance.jsonl") as sources,
    ):

        def work(stored: Stored[CorrectedPage]) -> None:
            page = stored.read()
            layout = read_record(REGIONS / page.page / "layout.json", Layout)
            lines = read_record(LINES / page.page / "lines.json", PageLines)
            raw = read_record(RAW / f"{page.page}.json", RawPage)
            if not any(line.strip() for line in page.essay.corrected):
                raise PageError(no_text(page))
            if len(lines.candidates) != len(raw.scores):
                raise UserError(f"{LINES / page.page}: not read since it was made; run `dvc repro`")
            record = dataset_record(page, layout, params.assemble.line_breaks)
            records.write(json_line(record))
            sources.write(json_line(provenance(page, layout, raw, lines)))
            bands[record.band] += 1
            checkpoints[raw.checkpoint] += 1

        rejected += each_page("assemble", pages, work, params.on_reject)
    write_jsonl(DATASET / REJECTED, rejected)
    write_text(DATASET / "README.md", dataset_card(bands, checkpoints, len(rejected)))


if __name__ == "__main__":
    run_stage("assemble", assemble)
