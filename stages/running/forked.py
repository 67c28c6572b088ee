"""A forked process that answers for one item after the other, and leaves nothing behind."""

import ctypes
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, suppress
from dataclasses import dataclass
from io import StringIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

import cv2

from stages.errors import OutOfMemoryError, PageError, UserError
from stages.files import refusal
from stages.store.database import BUSY_S

Item = TypeVar("Item")
Result = TypeVar("Result")
# Entered once in each process; gives what is done there with every item.
Opened = Callable[[], AbstractContextManager[Callable[[Item], Result]]]

FORK = get_context("fork")
PARENT_DEATH = 1  # prctl's PR_SET_PDEATHSIG
END_S = BUSY_S + 5  # what it writes at its end may wait for another process
NO_MEMORY = "there is not enough memory for it"
KILLED = (
    "the process that worked on it was killed, again when nothing ran beside it; if memory was"
    " short, scan it at a lower resolution"
)


@dataclass(frozen=True)
class Answer(Generic[Result]):
    """What became of an item: its result or an error, and what was said on stderr meanwhile."""

    result: Result | None = None
    error: Exception | None = None
    said: str = ""


def answer_for(work: Callable[[Item], Result], item: Item) -> Answer[Result]:
    """Do the work; a PageError, and a want of memory, are answers."""
    try:
        return Answer(work(item))
    except PageError as error:
        return Answer(error=error)
    except MemoryError:
        return Answer(error=OutOfMemoryError(NO_MEMORY))
    except cv2.error as error:
        if error.code != cv2.Error.STS_NO_MEM:
            raise
        return Answer(error=OutOfMemoryError(NO_MEMORY))


class Forked:
    """A process in a process group of its own, with what it starts in turn.

    Its items need not pickle, its results must. It ignores Ctrl-C, which is for the process that
    started it to act on, and dies with that one, whatever ends it.
    """

    def __init__(self, items: Sequence[Item], opened: Opened[Item, Any]) -> None:
        self.connection, theirs = FORK.Pipe()
        self.ended = False
        self._process = FORK.Process(target=_serve, args=(theirs, items, opened, os.getpid()))
        with _interrupts_held():
            self._process.start()
            with suppress(OSError):
                os.setpgid(self.pid, self.pid)
        theirs.close()

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        assert self._process.pid is not None
        return self._process.pid

    def give(self, index: int) -> None:
        """Let it work on this item."""
        with suppress(OSError):  # of a process that has died: `answer` tells
            self.connection.send(index)

    def answer(self) -> Answer[Any]:
        """What it answers, waited for; a process that died has an OutOfMemoryError."""
        try:
            answer: Answer[Any] = self.connection.recv()
        except (EOFError, OSError):
            self.kill()
            code = self._process.exitcode or 0
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            return Answer(error=OutOfMemoryError(f"{KILLED} ({how})"))
        return answer

    def end(self) -> None:
        """Let it end by itself."""
        with suppress(OSError):
            self.connection.send(None)
        self._process.join(END_S)
        self.ended = self._process.exitcode is not None

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        if self.ended:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self.connection.close()
        self.ended = True


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits: a process forked here never sees one before it has left the group."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    connection: Connection, items: Sequence[Item], opened: Opened[Item, Any], parent: int
) -> None:
    with suppress(OSError):
        os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Ray has a handler of its own
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != parent:
        return
    index: int | None = None
    with redirect_stderr(StringIO()) as said:
        try:
            with opened() as work:
                while (index := connection.recv()) is not None:
                    answer = answer_for(work, items[index])
                    connection.send(Answer(answer.result, answer.error, said.getvalue()))
                    said.seek(0)
                    said.truncate()
        except (UserError, OSError) as error:
            told = error if isinstance(error, UserError) else refusal(error)
            connection.send(Answer(error=told or _fault(items, index)))
        except Exception:
            connection.send(Answer(error=_fault(items, index)))


def _fault(items: Sequence[Any], index: int | None) -> RuntimeError:
    """The traceback of the error that is being handled, and the item that it came up with."""
    item = None if index is None else items[index]
    said = "" if item is None else f"on {getattr(item, 'page', item)!r}: "
    return RuntimeError(said + traceback.format_exc())
