"""Whether the scores in the working tree are those of what lies there now."""

from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo

from stages.errors import UserError
from stages.evaluate.tracking.store import cause


def changed_since_run() -> str:
    """What differs from dvc.lock in any stage; empty for nothing, or outside of DVC.

    What is not there at all does not count: a fresh clone has scores, and no crops.

    Raises:
        UserError: DVC cannot tell.
    """
    try:
        with Repo() as repo:
            status = repo.status()
    except NotDvcRepoError:
        return ""
    except DvcException as error:
        raise UserError(f"dvc cannot tell whether metrics/ is in step: {cause(error)}") from None
    found: set[str] = set()
    for change in (change for changes in status.values() for change in changes):
        if isinstance(change, str):
            found.add(change)
        else:
            states = {path: state for part in change.values() for path, state in part.items()}
            found |= {path for path, state in states.items() if state != "deleted"}
    return ", ".join(sorted(found))
