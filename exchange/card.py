"""The card of a Hugging Face dataset: what is in it, how good it is, where it comes from."""

from collections import Counter
from collections.abc import Mapping, Sequence

from exchange.sheets import FIELDS, Sheet
from stages.evaluate.scores import Scores
from stages.evaluate.tracking.origin import BASELINE_TAG, DATASET_TAG, DIRTY_TAG, EXPERIMENT_TAG

CARD = """---
license: {licence}
language:
- en
task_categories:
- image-to-text
tags:
- handwritten-text-recognition
- ocr
size_categories:
- {size}
configs:
- config_name: pages
  data_files:
  - split: train
    path: pages/**
  default: true
- config_name: lines
  data_files:
  - split: train
    path: lines/**
---
# Handwritten exam answers

{pages} scans of answer sheets with their texts (configuration `pages`) and {lines} crops of
handwritten lines (configuration `lines`).

    from datasets import load_dataset

    pages = load_dataset("FOLDER", split="train")
    lines = load_dataset("FOLDER", "lines", split="train")

`pages`: `image`, `page` (its name), `topic` (the printed prompt), `band` (the printed score, null
where it is not known), `essay` (the handwriting, its lines divided by line breaks),
`examiner_comment` (printed); `recogniser` and `source`, the scan's file name. `lines`: `image` (the
crop that the recogniser saw: on a level baseline, without the neighbours' strokes as far as they
could be told), `page`, `line` (its number on the page), `text`, `confidence` (of machine-read text,
0 to 1). Learners' own mistakes are part of the data.

## Where the texts come from

`<field>_from`, and `text_from` in `lines`, say it of every row: `transcription` was typed by hand,
`raw` is as the recogniser read it, `corrected` that text after automatic correction: expect errors.

| field | transcription | corrected | raw |
|---|--:|--:|--:|
{origins}

## How well the machine reads

From the project's last evaluation, over {scored} transcribed pages: error rates of the machine's
text against the transcriptions, which are the `transcription` texts themselves where both are here.

| | before correction | after correction |
|---|--:|--:|
{figures}

## Provenance

{provenance}

`provenance.jsonl` has, for each page that the pipeline read to its end, the recogniser, the
segmentation chosen, every edit of the correction, confidences and boxes.
"""

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
ORIGIN = {
    BASELINE_TAG: "commit",
    DIRTY_TAG: "with changes since that commit",
    EXPERIMENT_TAG: "DVC experiment",
    DATASET_TAG: "data/dataset in dvc.lock",
}
NAMES = {"essay": "essay", "topic": "topic", "examiner_comment": "comment"}


def card(
    sheets: Sequence[Sheet], lines: int, licence: str, scores: Scores, origin: Mapping[str, str]
) -> str:
    """Markdown with the hub's metadata before it.

    Args:
        lines: how many line crops there are.
        scores: the content of metrics/scores.json.
        origin: `stages.evaluate.tracking.origin.origin_tags`.
    """
    recognisers = Counter(sheet.recogniser for sheet in sheets)
    provenance = [
        *(f"- recogniser `{name}`: {count} pages" for name, count in sorted(recognisers.items())),
        *(f"- {name}: `{origin[tag]}`" for tag, name in ORIGIN.items() if tag in origin),
    ]
    return CARD.format(
        licence=licence,
        size=next((name for limit, name in SIZES if lines < limit), "100K<n<1M"),
        pages=len(sheets),
        lines=lines,
        origins="\n".join(_origins(sheets)),
        scored=scores["pages_transcribed"],
        figures="\n".join(_figures(scores)),
        provenance="\n".join(provenance),
    )


def _origins(sheets: Sequence[Sheet]) -> list[str]:
    counts = Counter(
        (region.field, region.text_from) for sheet in sheets for region in sheet.regions
    )
    return [
        f"| {field} | {counts[field, 'transcription']} | {counts[field, 'corrected']} "
        f"| {counts[field, 'raw']} |"
        for field in FIELDS
    ]


def _figures(scores: Scores) -> list[str]:
    rows = [
        f"| {name} {rate.upper()} | {_percent(scores.get(f'{field}_{rate}_raw'))} "
        f"| {_percent(scores.get(f'{field}_{rate}'))} |"
        for field, name in NAMES.items()
        for rate in ("cer", "wer")
    ]
    rows.append(f"| band right | {_percent(scores.get('band_accuracy'))} | |")
    if "essay_pages_trained_on" in scores:
        rows += [
            f"| essay {rate.upper()}, pages that the recogniser was not trained on "
            f"| {_percent(scores.get(f'essay_{rate}_raw_unseen'))} "
            f"| {_percent(scores.get(f'essay_{rate}_unseen'))} |"
            for rate in ("cer", "wer")
        ]
    return rows


def _percent(rate: object) -> str:
    return f"{100 * rate:.2f} %" if isinstance(rate, int | float) else "-"
