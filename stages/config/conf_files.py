"""The files of conf/ before Hydra reads them: that they are plain, and where settings stand."""

from pathlib import Path
from typing import Any

from stages.config.plain_yaml import Key, compose, lines, read_text, texts, values
from stages.errors import UserError

SWEEPS = "sweep"


def check_files(conf: Path) -> None:
    """See that every file of settings is plain YAML, by a name that Hydra reads.

    Raises:
        UserError: one is not; names file, line and cure.
    """
    for path in sorted(conf.rglob("[!.]*")):
        if path.relative_to(conf).parts[0] == SWEEPS or path.is_dir():
            continue
        if path.suffix == ".yaml":
            values(compose(read_text(path), str(path)), str(path))
        elif path.suffix.lower() in (".yaml", ".yml"):
            raise UserError(f"{path}: not read by this name; rename it to {path.stem}.yaml")


def places(conf: Path) -> dict[Key, str]:
    """File and line of every setting, composed without overrides; `check_files` comes first."""
    path = conf / "config.yaml"
    node = compose(read_text(path), str(path))
    found: dict[Key, str] = {}
    for entry in _defaults(texts(node)):
        if isinstance(entry, dict):
            for group, option in entry.items():
                found |= _option_places(conf / group, f"{option}")
    return found | {key: f"{path} line {line}" for key, line in lines(node).items()}


def _option_places(group: Path, option: str, depth: int = 0) -> dict[Key, str]:
    path = group / f"{option}.yaml"
    if not path.is_file() or depth > 5:
        return {}
    node = compose(read_text(path), str(path))
    found: dict[Key, str] = {}
    for entry in _defaults(texts(node)):
        if isinstance(entry, str) and entry != "_self_":
            found |= _option_places(group, entry, depth + 1)
    own = {(group.name, *key): f"{path} line {line}" for key, line in lines(node).items()}
    return found | own


def _defaults(content: Any) -> list[Any]:
    listed = content.get("defaults") if isinstance(content, dict) else None
    return listed if isinstance(listed, list) else []
