"""What makes two evaluations the same MLflow run.

A state is what the scores follow from: the inputs, code and parameters of the stages before, as
dvc.lock has them, all settings, the dataset and the transcriptions.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from stages.config.settings import Params
from stages.pages.stored import DATASET, TRANSCRIPTIONS
from stages.store.checkout import name_in_cache

LOCK = Path("dvc.lock")


def pipeline_state(params: Params) -> str:
    """A name for the state of the pipeline in the working directory, 16 hexadecimal digits."""
    upstream = {
        name: {"deps": stage.get("deps"), "params": stage.get("params")}
        for name, stage in upstream_lock().items()
    }
    state = {
        "settings": params.model_dump(mode="json"),
        "upstream": upstream,
        "dataset": folder_digest(DATASET),
        "transcriptions": folder_digest(TRANSCRIPTIONS),
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def upstream_lock() -> dict[str, Any]:
    """The stages of dvc.lock whose entries are final while evaluate runs; none without dvc.lock.

    What `params` is made from counts by the settings alone.
    """
    if not LOCK.is_file():
        return {}
    stages = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"]
    return {name: stage for name, stage in stages.items() if name not in ("params", "evaluate")}


def folder_digest(folder: Path) -> str:
    """The name that DVC has in dvc.lock and in its cache for the content of `folder`."""
    files = [
        {"md5": name_in_cache(path.read_bytes()), "relpath": path.relative_to(folder).as_posix()}
        for path in folder.rglob("*")
        if path.is_file()
    ]
    listing = json.dumps(sorted(files, key=lambda file: file["relpath"]), sort_keys=True)
    return name_in_cache(listing.encode()) + ".dir"
