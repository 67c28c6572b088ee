"""Which pages a fine-tuned checkpoint was trained on: its scores of them say little of others."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from stages.errors import UserError
from stages.pages.records import PageName, Record

FINETUNE = "finetune.json"


class TrainedPage(Record):
    """A page by its name and the SHA-256 of its scan's file: another project's has another."""

    page: PageName
    scan: str


class _FineTuning(BaseModel):
    """What is asked of finetune.json, which tells more."""

    trained_on: frozenset[TrainedPage]


def trained_on(checkpoint: str) -> frozenset[TrainedPage]:
    """The pages that a checkpoint's weights have seen, in all its fine-tunings.

    Args:
        checkpoint: `recognize.checkpoint`; one that is no folder, or was not fine-tuned here, has
            seen none that are known.

    Raises:
        UserError: the checkpoint's finetune.json does not tell.
    """
    path = Path(checkpoint) / FINETUNE
    try:
        return _FineTuning.model_validate_json(path.read_bytes()).trained_on
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValidationError):
        raise UserError(
            f"{path}: does not tell the pages that {checkpoint} was trained on, so that its scores"
            " could not leave them out; `make finetune` makes a checkpoint that does"
        ) from None
