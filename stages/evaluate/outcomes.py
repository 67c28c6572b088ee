"""What became of each page: everything the stages before know about it, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stages.errors import UserError
from stages.records import (
    CorrectedPage,
    DatasetRecord,
    Layout,
    Provenance,
    RawPage,
    Rejection,
    Transcription,
)
from stages.runner import (
    CORRECTED,
    DATASET,
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
    """A page that came through: its line of the dataset and what led to it."""

    record: DatasetRecord
    provenance: Provenance
    corrected: CorrectedPage
    raw: RawPage


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
        UserError: the dataset is not there: the stages before this one have not run.
    """
    if not DATASET.is_dir():
        raise UserError(f"{DATASET}: not there yet; run `dvc repro` to make it")
    records = read_jsonl(DATASET / "dataset.jsonl", DatasetRecord)
    provenances = read_jsonl(DATASET / "provenance.jsonl", Provenance)
    results: list[Reading | Rejection] = [
        Reading(
            record=record,
            provenance=provenance,
            corrected=read_record(CORRECTED / f"{provenance.page}.json", CorrectedPage),
            raw=read_record(RAW / f"{provenance.page}.json", RawPage),
        )
        for record, provenance in zip(records, provenances, strict=True)
    ]
    results += read_jsonl(DATASET / REJECTED, Rejection)
    outcomes = [_outcome(result, transcriptions) for result in results]
    return sorted(outcomes, key=lambda outcome: outcome.page)


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
