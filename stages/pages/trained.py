"""Which pages a fine-tuned checkpoint was trained on: its scores of them say little of others.

A checkpoint tells it in its finetune.json; recognize puts it beside what was read, so that it is
known wherever that is.
"""

import re
from pathlib import Path

from pydantic import BaseModel, ValidationError

from stages.errors import UserError
from stages.pages.records import PageName, Record

FINETUNE = "finetune.json"
TRAINED_ON = "trained_on.jsonl"
FRAME = re.compile(r"-\d{3,4}$")


class TrainedPage(Record):
    """A page by its name and the SHA-256 of its scan's file, which may be unknown."""

    page: PageName
    scan: str | None

    def shows(self, page: str, scan: str | None) -> bool:
        """Whether a page is this one, whatever it is called: of a file of several, by number.

        All pages of one file are numbered; a single one may be called as if it were, or not.
        """
        if self.scan is None:
            return page == self.page
        number, other = _frame(page), _frame(self.page)
        return scan == self.scan and (number == other or not (number and other))


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
