"""What all stage scripts share: settings, the loop over pages, rejections, one-line errors."""

import argparse
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import ValidationError
from tqdm import tqdm

from stages import interrupts_raise
from stages.config.composition import NOT_CONF, differs_from_conf, load
from stages.config.secrecy import one_line, without_secrets
from stages.config.settings import Params
from stages.errors import PageError, UserError
from stages.files import refusal, write_text, writing
from stages.pages.records import PageRecord, Record, Rejection, StageName
from stages.running.room import require_room

REGIONS = Path("data/regions")
LINES = Path("data/lines")
RAW = Path("data/raw")
CORRECTED = Path("data/corrected")
DATASET = Path("data/dataset")
TRANSCRIPTIONS = Path("data/transcriptions")
METRICS = Path("metrics")

# After the end of a stage.
ONWARD = "`dvc repro` goes on from here"

REJECTED = "rejected.jsonl"

AnyRecord = TypeVar("AnyRecord", bound=Record)
AnyPage = TypeVar("AnyPage", bound=PageRecord)


class PageItem(Protocol):
    """Anything that stands for one page of one file."""

    @property
    def page(self) -> str: ...
    @property
    def source(self) -> str: ...


Item = TypeVar("Item", bound=PageItem)


def run_command(
    name: str, command: Callable[[], None], then: str = "run the command again"
) -> None:
    """Run `command`; a UserError becomes one line without secrets on stderr, and exit code 1.

    So does what the system refuses: a full disk, a file that may not be written.

    Args:
        then: what to do after an interruption.
    """
    try:
        interrupts_raise()
        command()
    except UserError as error:
        sys.exit(one_line(without_secrets(f"{name}: {error}")))
    except OSError as error:
        if told := refusal(error):
            sys.exit(one_line(without_secrets(f"{name}: {told}")))
        raise
    except MemoryError:
        sys.exit(f"{name}: out of memory; free some, then {then}")
    except KeyboardInterrupt:
        print(f"{name}: interrupted; {then}", file=sys.stderr)
        sys.exit(130)


@contextmanager
def folder_to_itself(name: str) -> Iterator[None]:
    """Wait until no other stage works in this folder, as one does whose DVC was killed.

    Args:
        name: who waits, for people.
    """
    folder = os.open(".", os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                told = "another stage is still at work here; waiting for it to end"
                print(f"{name}: {told}", file=sys.stderr)
                fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def run_stage(name: str, stage: Callable[[Params], None]) -> None:
    """The command line of a stage: `python -m stages.<name> [override ...]`."""
    parser = argparse.ArgumentParser(prog=f"python -m stages.{name}", description=stage.__doc__)
    parser.add_argument(
        "overrides",
        nargs="*",
        help="Hydra overrides over conf/, e.g. segment.thresholds=[0.1] or recognize=trocr_large;"
        " without any, the settings are those of params.yaml",
    )
    arguments = parser.parse_args()

    def run() -> None:
        with folder_to_itself(name), settings_explained(name):
            stage(load(arguments.overrides))
            if "DVC_STAGE" in os.environ:
                require_room(name)

    run_command(name, run, ONWARD)


@contextmanager
def settings_explained(name: str) -> Iterator[None]:
    """After a UserError under `dvc repro`: say so where the settings are not those of conf/."""
    try:
        yield
    except UserError:
        repeated = "DVC_STAGE" in os.environ and "DVC_EXP_NAME" not in os.environ
        if repeated and differs_from_conf():
            print(f"{name}: note: {NOT_CONF}", file=sys.stderr)
        raise


def progress(items: Sequence[Item], name: str) -> "tqdm[Item]":
    """The items behind a progress bar, which is quiet when stderr is not a terminal."""
    return tqdm(items, desc=name, unit="page", disable=None)


def each_page(
    stage: StageName,
    items: Sequence[Item],
    work: Callable[[Item], None],
    on_reject: str,
) -> list[Rejection]:
    """Do `work` on every item; a PageError rejects that page and leaves the others alone.

    Raises:
        UserError: a page was rejected and `on_reject` is `fail`.
    """
    rejections = []
    for item in progress(items, stage):
        try:
            work(item)
        except PageError as error:
            rejections.append(rejection(stage, item, error, on_reject))
    return rejections


def rejection(stage: StageName, item: PageItem, error: PageError, on_reject: str) -> Rejection:
    """The record of a page that cannot be read.

    Raises:
        UserError: `on_reject` is `fail`.
    """
    if on_reject == "fail":
        raise UserError(f"{item.source}: {error}") from None
    return Rejection(page=item.page, source=item.source, stage=stage, reason=str(error))


def fresh_folder(folder: Path) -> Path:
    """`folder`, made empty."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


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
