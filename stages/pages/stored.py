"""What the stages leave on the disk: where it lies, and how records are written and read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from stages.errors import UserError
from stages.files import write_text, writing
from stages.pages.records import PageRecord, Record

REGIONS = Path("data/regions")
LINES = Path("data/lines")
RAW = Path("data/raw")
CORRECTED = Path("data/corrected")
DATASET = Path("data/dataset")
TRANSCRIPTIONS = Path("data/transcriptions")
METRICS = Path("metrics")

REJECTED = "rejected.jsonl"

AnyRecord = TypeVar("AnyRecord", bound=Record)
AnyPage = TypeVar("AnyPage", bound=PageRecord)


def write_record(path: Path, record: Record) -> None:
    """One record as indented JSON, without the fields that have their default value."""
    write_text(path, record.model_dump_json(indent=1, exclude_defaults=True) + "\n")


def read_record(path: Path, kind: type[AnyRecord]) -> AnyRecord:
    """A record that an earlier stage wrote.

    Raises:
        UserError: it is not there, or no such record: something else wrote it.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise _not_ours(path, kind, error) from None


def _not_ours(path: Path, kind: type[Record], error: OSError | ValidationError) -> UserError:
    if isinstance(error, OSError):
        fault = f"cannot be read ({error.strerror})"
    else:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        fault = f"no {kind.__name__} ({place}: {first['msg']})".replace("(: ", "(")
    return UserError(f"{path}: {fault}; `dvc repro --force` makes it anew")


@dataclass(frozen=True)
class Stored(Generic[AnyPage]):
    """A page's record in its file: of many pages at once, the names alone are held."""

    page: str
    path: Path
    kind: type[AnyPage]

    @property
    def source(self) -> str:
        return self.read().source

    def read(self) -> AnyPage:
        """The record.

        Raises:
            UserError: it is not there, or no such record of this page: something else wrote it.
        """
        record = read_record(self.path, self.kind)
        if record.page != self.page:
            raise UserError(
                f"{self.path}: is of page {record.page}; `dvc repro --force` makes it anew"
            )
        return record


def stored_records(folder: Path, pattern: str, kind: type[AnyPage]) -> list[Stored[AnyPage]]:
    """The records in the files that match `pattern`, in the order of their paths.

    Args:
        pattern: `*.json` for files named after their pages, `*/NAME` for folders named so.

    Raises:
        UserError: the folder does not exist: the stage before this one has not run.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: not there yet; run `dvc repro` to make it")
    paths = sorted(folder.glob(pattern))
    return [Stored(p.parent.name if "/" in pattern else p.stem, p, kind) for p in paths]


def read_records(folder: Path, pattern: str, kind: type[AnyPage]) -> Iterator[AnyPage]:
    """As `stored_records`, each read when it is its turn."""
    return (stored.read() for stored in stored_records(folder, pattern, kind))


def json_line(record: Record) -> bytes:
    """A record as a line of JSON Lines, without the fields that have their default value."""
    return record.model_dump_json(exclude_defaults=True).encode() + b"\n"


def write_jsonl(path: Path, records: Iterable[Record]) -> None:
    """Records as JSON Lines."""
    with writing(path) as file:
        file.writelines(map(json_line, records))


def each_line(path: Path, kind: type[AnyRecord]) -> Iterator[tuple[bytes, AnyRecord]]:
    """The lines of JSON Lines, each with its record.

    Raises:
        UserError: the file is not there, or a line is no such record.
    """
    try:
        with path.open("rb") as lines:
            for line in lines:
                if line.strip():
                    yield line, kind.model_validate_json(line)
    except (OSError, ValidationError) as error:
        raise _not_ours(path, kind, error) from None


def read_jsonl(path: Path, kind: type[AnyRecord]) -> list[AnyRecord]:
    """The records of JSON Lines; raises as `each_line`."""
    return [record for _, record in each_line(path, kind)]
