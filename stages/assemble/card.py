"""The dataset's card: README.md beside its files, in the Hugging Face hub's format."""

from collections import Counter
from collections.abc import Sequence

from stages.records import DatasetRecord, Provenance, Rejection

CARD = """---
language: en
task_categories: [image-to-text]
configs:
- config_name: default
  data_files: dataset.jsonl
---
# Handwritten exam answers

Answers read from scans: {pages}. Pages rejected: {rejected} (`rejected.jsonl` says why).

Each line of `dataset.jsonl` is one page: `topic` (the printed prompt), `band` (the printed score,
null where it could not be read), `essay` (the handwriting, recognised and corrected),
`examiner_comment` (printed) and `source` (the page's name). `provenance.jsonl` holds, in the same
order, the recogniser's text before correction (`essay_raw`), every edit, confidences and boxes.

The text is machine-read: expect errors in the essays, and see the project's `metrics/` for how
many. Learners' own mistakes are part of the data.

| recogniser | pages |
|---|---|
{checkpoints}

| band | pages |
|---|---|
{bands}
"""


def dataset_card(
    records: Sequence[DatasetRecord], sources: Sequence[Provenance], rejected: Sequence[Rejection]
) -> str:
    """Markdown that says what the dataset holds and how it was read."""
    bands = Counter("unknown" if record.band is None else str(record.band) for record in records)
    checkpoints = Counter(source.checkpoint for source in sources)
    return CARD.format(
        pages=len(records),
        rejected=len(rejected),
        checkpoints=_rows(checkpoints),
        bands=_rows(bands),
    )


def _rows(counts: Counter[str]) -> str:
    return "\n".join(f"| {name} | {count} |" for name, count in sorted(counts.items()))
