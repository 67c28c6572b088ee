"""What all stage scripts share: settings, the loop over pages, rejections, one-line errors."""

import argparse
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from tqdm import tqdm

from stages import interrupts_raise
from stages.config.composition import NOT_CONF, differs_from_conf, load
from stages.config.secrecy import one_line, without_secrets
from stages.config.settings import Params
from stages.errors import PageError, UserError
from stages.files import refusal
from stages.pages.records import Rejection, StageName
from stages.running.room import require_room
from stages.store.kept import remember_code

# After the end of a stage.
ONWARD = "`dvc repro` goes on from here"


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


def say(text: str) -> None:
    """Print to whoever reads; one that reads no more, as `head` does, is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
            remember_code(name)
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
