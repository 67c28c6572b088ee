"""The tags that lead back from a run to its commit, experiment and dataset."""

import os
import re
import subprocess
from collections.abc import Mapping

from stages.evaluate.tracking.state import LOCK, folder_digest
from stages.pages.stored import DATASET

EXPERIMENT_TAG = "dvc.exp_name"
BASELINE_TAG = "dvc.baseline"
DATASET_TAG = "dvc.dataset"
DIRTY_TAG = "git.dirty"


def origin_tags(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What leads from a run back to where it was made, as far as it is known.

    `dvc.exp_name` is the DVC experiment that runs, or the one whose dvc.lock is the one here;
    `dvc.baseline` the commit it started from, with changes where `git.dirty` is true;
    `dvc.dataset` is DVC's name for data/dataset: `git log -S<name> -- dvc.lock` lists the commits
    that brought it.
    """
    tags = {DATASET_TAG: folder_digest(DATASET)}
    if name := environment.get("DVC_EXP_NAME") or _experiment():
        tags[EXPERIMENT_TAG] = name
    if commit := environment.get("DVC_EXP_BASELINE_REV") or _git("rev-parse", "HEAD"):
        changes = _git("status", "--porcelain", "--untracked-files=no")
        tags |= {BASELINE_TAG: commit, DIRTY_TAG: "true" if changes else "false"}
    return tags


def _experiment() -> str:
    """The experiment with this very dvc.lock (`dvc exp apply` leaves one); empty for none."""
    refs = re.findall(
        r"^(refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/(.+))$",
        _git("for-each-ref", "--format=%(refname)", "refs/exps"),
        re.MULTILINE,
    )
    if not refs or not LOCK.is_file():
        return ""
    own = _git("hash-object", str(LOCK))
    asked = "".join(f"{ref}:./{LOCK}\n" for ref, _ in refs)
    locks = _git("cat-file", "--batch-check=%(objectname)", given=asked).splitlines()
    names = [name for (_, name), lock in zip(refs, locks, strict=True) if lock == own]
    return names[-1] if names else ""


def _git(*arguments: str, given: str = "") -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], input=given, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
