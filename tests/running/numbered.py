"""Pages called 0, 1, 2 ..., and work on them in processes."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from stages.running.workers import in_workers


@dataclass(frozen=True)
class Page:
    page: str

    @property
    def source(self) -> str:
        return f"{self.page}.png"


def pages(count: int) -> list[Page]:
    return [Page(str(number)) for number in range(count)]


def results(work: Callable[[Page], object], count: int = 8) -> list[object]:
    return list(in_workers("test", pages(count), lambda: nullcontext(work)))
