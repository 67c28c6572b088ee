"""The dataset's card: README.md beside its files, in the Hugging Face hub's format."""

from collections.abc import Mapping

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
    bands: Mapping[float | None, int], checkpoints: Mapping[str, int], rejected: int
) -> str:
    """Markdown that says what the dataset holds and how it was read.

    Args:
        bands, checkpoints: how many pages have each.
        rejected: how many pages were.
    """
    named = {"unknown" if band is None else str(band): count for band, count in bands.items()}
    return CARD.format(
        pages=sum(bands.values()),
        rejected=rejected,
        checkpoints=_rows(checkpoints),
        bands=_rows(named),
    )


def _rows(counts: Mapping[str, int]) -> str:
    return "\n".join(f"| {name} | {count} |" for name, count in sorted(counts.items()))
