"""Where the user's own checkout and its cache lie, also from an experiment's temporary one."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from configobj import ConfigObj

DVC = ("dvc", "iterative")


def project_root(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's checkout; DVC runs experiments in `<checkout>/.dvc/tmp/exps/`."""
    here = Path(environment.get("DVC_ROOT", ".")).resolve()
    for parent in here.parents:
        if here.is_relative_to(parent / ".dvc" / "tmp" / "exps"):
            return parent
    return here


def cache_folder(root: Path) -> Path:
    """Where DVC's cache has files by their MD5: below the checkout `root`, or as configured."""
    shared = [
        os.environ.get("DVC_SYSTEM_CONFIG_DIR") or platformdirs.site_config_dir(*DVC),
        os.environ.get("DVC_GLOBAL_CONFIG_DIR") or platformdirs.user_config_dir(*DVC),
    ]
    own = [root / ".dvc/config", root / ".dvc/config.local"]
    place = root / ".dvc/cache"
    for file in [*(Path(folder) / "config" for folder in shared), *own]:
        if named := ConfigObj(str(file), encoding="utf-8").get("cache", {}).get("dir"):
            place = file.parent / Path(named).expanduser()
    return place / "files" / "md5"


def cached(cache: Path, md5: str) -> Path:
    """Where the file of that name lies in the cache, if it does."""
    return cache / md5[:2] / md5[2:]


def name_in_cache(content: bytes) -> str:
    """The MD5 by which DVC names a file, 32 hexadecimal digits."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
