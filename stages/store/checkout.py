"""Where the user's own checkout lies, also from a queued experiment's temporary one."""

import os
from collections.abc import Mapping
from pathlib import Path


def project_root(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's checkout; DVC runs experiments in `<checkout>/.dvc/tmp/exps/`."""
    here = Path(environment.get("DVC_ROOT", ".")).resolve()
    for parent in here.parents:
        if here.is_relative_to(parent / ".dvc" / "tmp" / "exps"):
            return parent
    return here
