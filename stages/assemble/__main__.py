"""python -m stages.assemble: data/corrected, data/raw and data/regions to data/dataset."""

from stages.assemble.card import dataset_card
from stages.assemble.join import dataset_record, provenance
from stages.errors import PageError
from stages.files import write_text
from stages.records import CorrectedPage, DatasetRecord, Layout, Provenance, RawPage, Rejection
from stages.runner import (
    CORRECTED,
    DATASET,
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
)
from stages.settings import Params


def assemble(params: Params) -> None:
    """Join what is known about every page into the dataset and its provenance."""
    pages = read_records(CORRECTED, "*.json", CorrectedPage)
    rejected = read_jsonl(CORRECTED / REJECTED, Rejection)
    records: list[DatasetRecord] = []
    sources: list[Provenance] = []

    def work(page: CorrectedPage) -> None:
        layout = read_record(REGIONS / page.page / "layout.json", Layout)
        raw = read_record(RAW / f"{page.page}.json", RawPage)
        if not any(line.strip() for line in page.essay.corrected):
            raise PageError("no text was read from the handwriting")
        records.append(dataset_record(page, layout, params.assemble.line_breaks))
        sources.append(provenance(page, layout, raw))

    rejected += each_page("assemble", pages, work, params.on_reject)
    fresh_folder(DATASET)
    write_jsonl(DATASET / "dataset.jsonl", records)
    write_jsonl(DATASET / "provenance.jsonl", sources)
    write_jsonl(DATASET / REJECTED, rejected)
    write_text(DATASET / "README.md", dataset_card(records, sources, rejected))


if __name__ == "__main__":
    run_stage("assemble", assemble)
