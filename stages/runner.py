"""What all stage scripts share: settings, the loop over pages, rejections, one-line errors."""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from tqdm import tqdm

from stages.config import load
from stages.errors import PageError, UserError
from stages.records import Record, Rejection, StageName
from stages.settings import Params

REGIONS = Path("data/regions")
LINES = Path("data/lines")
RAW = Path("data/raw")
CORRECTED = Path("data/corrected")
DATASET = Path("data/dataset")
TRANSCRIPTIONS = Path("data/transcriptions")
METRICS = Path("metrics")

REJECTED = "rejected.jsonl"

AnyRecord = TypeVar("AnyRecord", bound=Record)


class PageItem(Protocol):
    """Anything that stands for one page of one file."""

    @property
    def page(self) -> str: ...
    @property
    def source(self) -> str: ...


Item = TypeVar("Item", bound=PageItem)


def run_command(name: str, command: Callable[[], None]) -> None:
    """Run `command`; a UserError becomes one line on stderr and exit code 1."""
    try:
        command()
    except UserError as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        print(f"{name}: interrupted; `dvc repro` goes on from here", file=sys.stderr)
        sys.exit(130)


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
    run_command(name, lambda: stage(load(arguments.overrides)))


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
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_record(path: Path, record: Record) -> None:
    """One record as indented JSON, without the fields that have their default value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = record.model_dump_json(indent=1, exclude_defaults=True)
    path.write_text(text + "\n", encoding="utf-8")


def read_record(path: Path, kind: type[AnyRecord]) -> AnyRecord:
    """A record that an earlier stage wrote."""
    return kind.model_validate_json(path.read_text(encoding="utf-8"))


def read_records(folder: Path, pattern: str, kind: type[AnyRecord]) -> list[AnyRecord]:
    """The records in the files that match `pattern`, in the order of their paths.

    Raises:
        UserError: the folder does not exist: the stage before this one has not run.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: not there yet; run `dvc repro` to make it")
    return [read_record(path, kind) for path in sorted(folder.glob(pattern))]


def write_jsonl(path: Path, records: Sequence[Record]) -> None:
    """Records as JSON Lines, without the fields that have their default value."""
    lines = [record.model_dump_json(exclude_defaults=True) + "\n" for record in records]
    path.write_text("".join(lines), encoding="utf-8")


def read_jsonl(path: Path, kind: type[AnyRecord]) -> list[AnyRecord]:
    """Records from JSON Lines."""
    text = path.read_text(encoding="utf-8")
    return [kind.model_validate_json(line) for line in text.split("\n") if line]
