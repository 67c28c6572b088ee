"""Tesseract's tables of words, made up."""

from collections.abc import Callable
from typing import Any

COLUMNS = ("block_num", "par_num", "line_num", "left", "top", "width", "height", "conf", "text")


class Table:
    """In the place of the store: gives this table out as what Tesseract read before."""

    def __init__(self, table: dict[str, list[Any]]) -> None:
        self.table = table

    def once(self, kind: str, key: str, work: Callable[[], Any]) -> Any:
        names = list(self.table)
        rows = zip(*self.table.values(), strict=True)
        return "".join(
            "\t".join(" ".join(str(cell).split()) for cell in row) + "\n" for row in [names, *rows]
        )
