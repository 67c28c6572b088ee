"""What became of each page: everything the stages before know about it, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stages.errors import UserError
from stages.records import (
    Candidate,
    CorrectedPage,
    DatasetRecord,
    Layout,
    PageLines,
    Provenance,
    RawPage,
    Rejection,
    Transcription,
)
from stages.runner import (
    CORRECTED,
    DATASET,
    LINES,
    RAW,
    REGIONS,
    REJECTED,
    TRANSCRIPTIONS,
    read_jsonl,
    read_record,
)
from stages.transcriptions import read_transcriptions


@dataclass(frozen=True)
class Reading:
    """A page that came through: its line of the dataset and what led to it.

    `candidates` are all segmentations between which the recogniser's selector chose.
    """

    record: DatasetRecord
    provenance: Provenance
    corrected: CorrectedPage
    raw: RawPage
    candidates: list[Candidate]


@dataclass(frozen=True)
class Outcome:
    """One page: either its reading or its rejection; `truth` where it is transcribed.

    `layout` is there for every page that the crop stage could read, rejected later or not.
    """

    page: str
    source: str
    result: Reading | Rejection
    layout: Layout | None
    truth: Transcription | None

    @property
    def reading(self) -> Reading | None:
        return self.result if isinstance(self.result, Reading) else None

    @property
    def rejection(self) -> Rejection | None:
        return self.result if isinstance(self.result, Rejection) else None


def gather(transcriptions: Mapping[str, Transcription]) -> list[Outcome]:
    """Every page of the dataset and every rejected one, in the order of their names.

    Raises:
        UserError: the dataset is not there, or not all stages before this one have run since one
            of them did.
    """
    if not DATASET.is_dir():
        raise UserError(f"{DATASET}: not there yet; run `dvc repro` to make it")
    records = read_jsonl(DATASET / "dataset.jsonl", DatasetRecord)
    provenances = read_jsonl(DATASET / "provenance.jsonl", Provenance)
    results: list[Reading | Rejection] = [
        _reading(record, provenance)
        for record, provenance in zip(records, provenances, strict=True)
    ]
    results += read_jsonl(DATASET / REJECTED, Rejection)
    outcomes = [_outcome(result, transcriptions) for result in results]
    return sorted(outcomes, key=lambda outcome: outcome.page)


def _reading(record: DatasetRecord, provenance: Provenance) -> Reading:
    raw = read_record(RAW / f"{provenance.page}.json", RawPage)
    lines = read_record(LINES / provenance.page / "lines.json", PageLines)
    read = {reading.crop for reading in raw.readings}
    if not read.issuperset(line.crop for c in lines.candidates for line in c.lines):
        raise UserError(f"{LINES / provenance.page}: not read since it was made; run `dvc repro`")
    return Reading(
        record=record,
        provenance=provenance,
        corrected=read_record(CORRECTED / f"{provenance.page}.json", CorrectedPage),
        raw=raw,
        candidates=lines.candidates,
    )


def _outcome(result: Reading | Rejection, transcriptions: Mapping[str, Transcription]) -> Outcome:
    origin = result.provenance if isinstance(result, Reading) else result
    layout = REGIONS / origin.page / "layout.json"
    return Outcome(
        page=origin.page,
        source=origin.source,
        result=result,
        layout=read_record(layout, Layout) if layout.is_file() else None,
        truth=transcriptions.get(origin.page),
    )


def load() -> tuple[list[Outcome], list[Path]]:
    """All outcomes, and the transcription files whose page does not exist.

    Raises:
        UserError: as `gather`, or a transcription is malformed.
    """
    transcriptions = read_transcriptions(TRANSCRIPTIONS)
    outcomes = gather(transcriptions)
    strangers = sorted(transcriptions.keys() - {outcome.page for outcome in outcomes})
    return outcomes, [TRANSCRIPTIONS / f"{page}.yaml" for page in strangers]
