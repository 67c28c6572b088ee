"""What became of each page: everything the stages before know about it, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stages.errors import UserError
from stages.evaluate.strangers import strangers, unread
from stages.pages.records import (
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
from stages.pages.stored import (
    CORRECTED,
    DATASET,
    LINES,
    RAW,
    REGIONS,
    REJECTED,
    TRANSCRIPTIONS,
    each_line,
    read_jsonl,
    read_record,
)
from stages.pages.trained import TRAINED_ON, TrainedPage
from stages.pages.transcriptions import read_transcriptions


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

    `layout` is there for every page that the crop stage could read, rejected later or not;
    `trained_on` tells whether the recogniser was trained on it.
    """

    page: str
    source: str
    result: Reading | Rejection
    layout: Layout | None
    truth: Transcription | None
    trained_on: bool = False

    @property
    def reading(self) -> Reading | None:
        return self.result if isinstance(self.result, Reading) else None

    @property
    def rejection(self) -> Rejection | None:
        return self.result if isinstance(self.result, Rejection) else None


@dataclass(frozen=True)
class Entry:
    """A page of the dataset, or a rejected one: little enough to be held of all pages at once.

    `told` are its lines of dataset.jsonl and provenance.jsonl, or its line of rejected.jsonl.
    """

    page: str
    source: str
    told: tuple[bytes, ...]
    truth: Transcription | None
    trained_on: bool = False

    def files(self) -> list[Path]:
        """Those of the stages' files that its scores follow from, besides `scored_by`."""
        named = (
            REGIONS / self.page / "layout.json",
            RAW / f"{self.page}.json",
            CORRECTED / f"{self.page}.json",
        )
        return [path for path in named if path.is_file()]

    def scored_by(self) -> list[str]:
        """What else its scores follow from, the same for thresholds that find the same lines.

        Raises:
            UserError: as `outcome`.
        """
        truth = self.truth.model_dump_json() if self.truth else "none"
        seen = "trained on" if self.trained_on else "unseen"
        first, *led = (line.decode() for line in self.told)
        unnamed = [Provenance.model_validate_json(line) for line in led]
        led = [found.model_dump_json(exclude={"candidate"}) for found in unnamed]
        crops = _crops(self.page) if led else []
        return [truth, seen, first, *led, *crops]

    def outcome(self) -> Outcome:
        """All that the stages' files say about it.

        Raises:
            UserError: not all stages before this one have run since one of them did.
        """
        return Outcome(
            page=self.page,
            source=self.source,
            result=_result(self.page, self.told),
            layout=_layout(self.page),
            truth=self.truth,
            trained_on=self.trained_on,
        )


def gather(
    transcriptions: Mapping[str, Transcription], trained: Sequence[TrainedPage] = ()
) -> list[Entry]:
    """Every page of the dataset and every rejected one, in the order of their names.

    Args:
        trained: the pages that the recogniser was trained on.

    Raises:
        UserError: the dataset is not there.
    """
    if not DATASET.is_dir():
        raise UserError(f"{DATASET}: not there yet; run `dvc repro` to make it")
    records = each_line(DATASET / "dataset.jsonl", DatasetRecord)
    provenances = each_line(DATASET / "provenance.jsonl", Provenance)
    entries = [
        Entry(found.page, found.source, (record, provenance), transcriptions.get(found.page))
        for (record, _), (provenance, found) in zip(records, provenances, strict=True)
    ]
    entries += [
        Entry(found.page, found.source, (line,), transcriptions.get(found.page))
        for line, found in each_line(DATASET / REJECTED, Rejection)
    ]
    entries = [replace(entry, trained_on=_known(entry.page, trained)) for entry in entries]
    return sorted(entries, key=lambda entry: entry.page)


def _known(page: str, trained: Sequence[TrainedPage]) -> bool:
    layout = _layout(page) if trained else None
    return layout is not None and any(known.shows(TrainedPage.of(layout)) for known in trained)


def _layout(page: str) -> Layout | None:
    path = REGIONS / page / "layout.json"
    return read_record(path, Layout) if path.is_file() else None


def candidates_of(page: str) -> list[Candidate]:
    """A page's candidate segmentations.

    Raises:
        UserError: they are not there.
    """
    return read_record(LINES / page / "lines.json", PageLines).candidates


def _crops(page: str) -> list[str]:
    """The names of each candidate's crops, in their order."""
    return [",".join(line.crop for line in found.lines) for found in candidates_of(page)]


def _result(page: str, told: Sequence[bytes]) -> Reading | Rejection:
    if len(told) == 1:
        return Rejection.model_validate_json(told[0])
    raw = read_record(RAW / f"{page}.json", RawPage)
    candidates = candidates_of(page)
    read = {reading.crop for reading in raw.readings}
    shown = {line.crop for candidate in candidates for line in candidate.lines}
    if len(candidates) != len(raw.scores) or not shown <= read:
        raise UserError(f"{LINES / page}: not read since it was made; run `dvc repro`")
    return Reading(
        record=DatasetRecord.model_validate_json(told[0]),
        provenance=Provenance.model_validate_json(told[1]),
        corrected=read_record(CORRECTED / f"{page}.json", CorrectedPage),
        raw=raw,
        candidates=candidates,
    )


def load() -> tuple[list[Entry], list[str]]:
    """All pages, and a line for each file among the transcriptions that no page takes.

    Raises:
        UserError: as `gather`, or as `read_transcriptions`.
    """
    transcriptions = read_transcriptions(TRANSCRIPTIONS)
    told = RAW / TRAINED_ON
    entries = gather(transcriptions, read_jsonl(told, TrainedPage) if told.is_file() else [])
    sources = {entry.page: entry.source for entry in entries}
    return entries, unread(TRANSCRIPTIONS) + strangers(TRANSCRIPTIONS, transcriptions, sources)
