"""Log what is in metrics/ as it stands: `python -m stages.evaluate.tracking`, or `make log`.

For the runs that a server missed, and for those that DVC took from its cache of runs.
"""

from contextlib import closing

from stages.config.composition import load
from stages.config.secrecy import without_userinfo
from stages.errors import UserError
from stages.evaluate.summary import DETAILS, PAGES_TABLE, REPORT
from stages.evaluate.tracking.attempt import Logger, NotLoggedError
from stages.evaluate.tracking.store import cause, tracking_uri
from stages.running.runner import run_command


def main() -> None:
    """Log the last evaluation, without evaluating again.

    Raises:
        UserError: metrics/ is not whole or, as far as DVC can tell, not that of what lies in data/;
            or the store failed.
    """
    for path in (DETAILS, PAGES_TABLE, REPORT):
        if not path.is_file():
            raise UserError(f"{path}: not there yet; run `dvc repro` to make it")
    if changed := changed_since():
        raise UserError(f"metrics/ is out of step with {changed}; run `dvc repro` first")
    where = without_userinfo(tracking_uri())
    try:
        with closing(Logger()) as logger:
            print(f"logged to MLflow at {where}: run {logger.log(load())}")
    except NotLoggedError as error:
        raise UserError(f"not logged to MLflow at {where} ({error})") from None


def changed_since() -> str:
    """What differs from dvc.lock's entry for evaluate; empty for nothing, or outside of DVC."""
    from dvc.exceptions import DvcException, NotDvcRepoError  # noqa: PLC0415  (takes 1 s)
    from dvc.repo import Repo  # noqa: PLC0415

    try:
        with Repo() as repo:
            status = repo.status(targets=["evaluate"])
    except NotDvcRepoError:
        return ""
    except DvcException as error:
        raise UserError(f"dvc cannot tell whether metrics/ is in step: {cause(error)}") from None
    found: set[str] = set()
    for change in status.get("evaluate", []):
        found |= {change} if isinstance(change, str) else set().union(*change.values())
    return ", ".join(sorted(found))


if __name__ == "__main__":
    run_command("tracking", main)
