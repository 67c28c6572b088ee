"""Which pages a fine-tuned checkpoint was trained on: its scores of them say little of others.

A checkpoint tells it in its finetune.json; recognize puts it beside what was read, so that it is
known wherever that is.
"""

import re
from pathlib import Path

from pydantic import BaseModel, ValidationError

from stages.errors import UserError
from stages.pages.names import composed
from stages.pages.records import Layout, PageName, Record

FINETUNE = "finetune.json"
TRAINED_ON = "trained_on.jsonl"
FRAME = re.compile(r"-\d{3,4}$")


class TrainedPage(Record):
    """A page that was trained on, or may have been.

    Attributes:
        scan: the SHA-256 of its scan's file, None where it is unknown.
        frame: the end of its name where its file has several pages, `-001` and so on; empty where
            it has one, None where an earlier version did not tell.
    """

    page: PageName
    scan: str | None
    frame: str | None = None

    @classmethod
    def of(cls, layout: Layout) -> "TrainedPage":
        """A page that was cropped."""
        stem, page = (composed(name) for name in (Path(layout.source).stem, layout.page))
        return cls(page=layout.page, scan=layout.scan, frame=page.removeprefix(stem))

    def shows(self, other: "TrainedPage") -> bool:
        """Whether both are one page, whatever it is called: of a file of several, by number."""
        if self.scan is None:
            return other.page == self.page
        if self.frame is not None and other.frame is not None:
            return (self.scan, self.frame) == (other.scan, other.frame)
        number, its = _frame(self.page), _frame(other.page)  # a single one's name may end so too
        return self.scan == other.scan and (number == its or not (number and its))


class _FineTuning(BaseModel):
    """What is asked of finetune.json: those of earlier versions know their pages' names alone."""

    pages: list[PageName]
    trained_on: list[TrainedPage] | None = None


def trained_on(checkpoint: str) -> list[TrainedPage]:
    """The pages that a checkpoint's weights have seen, in all its fine-tunings.

    Args:
        checkpoint: `recognize.checkpoint`; one that is no folder, or was not fine-tuned here, has
            seen none that are known.

    Raises:
        UserError: the checkpoint's finetune.json does not tell.
    """
    path = Path(checkpoint) / FINETUNE
    try:
        told = _FineTuning.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError):
        raise UserError(
            f"{path}: does not tell the pages that {checkpoint} was trained on, so that"
            " scores could not leave them out; copy the checkpoint again, or delete this file if it"
            " is nobody's"
        ) from None
    if told.trained_on is None:
        return [TrainedPage(page=page, scan=None) for page in told.pages]
    return told.trained_on


def _frame(page: str) -> str:
    found = FRAME.search(page)
    return found[0] if found else ""
