"""Pages that a stage need not do again: DVC runs a stage over all pages or over none.

What a stage writes for a page follows from the page's inputs, the stage's settings and code, and
the versions of packages. Under a digest of these the result store keeps the names of the files
written, and their MD5. The files themselves lie in DVC's cache under that very name, once the stage
has ended: from there they are written again. What is not there any more is made again.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from stages.config.schema import Settings
from stages.files import write_bytes
from stages.store.checkout import cache_folder, cached, name_in_cache, project_root
from stages.store.digest import file_digest, tree_digest, work_digest
from stages.store.results import Store

PROJECT = Path(__file__).resolve().parents[2]

Value = TypeVar("Value")


class KeptPages(Generic[Value]):
    """What one stage wrote for pages, with these settings and this code.

    Args:
        settings: all those that a page's files follow from.
        also: what else they follow from, as JSON values.
        leave_out: settings that change no file.
    """

    def __init__(
        self,
        stage: str,
        settings: Settings,
        store: Store,
        also: Mapping[str, Any] | None = None,
        leave_out: Collection[str] = (),
    ) -> None:
        self._kind = f"{stage}: pages"
        self._store = store
        self._cache = cache_folder(project_root())
        self._work = work_digest(
            {
                "kind": self._kind,
                "code": code_digest(stage),
                "packages": package_versions(),
                "settings": settings.model_dump(mode="json", exclude=set(leave_out)),
                "also": dict(also or {}),
            }
        )

    def page(
        self, name: str, inputs: Collection[Path], place: Path | None, make: Callable[[], Value]
    ) -> Value:
        """Write a page's files, as kept or, where they are not, by `make`.

        Args:
            name: of the page, and what else is not in its inputs' contents.
            inputs: files that the page's files follow from.
            place: the file, or the folder of all files, that `make` writes, if it writes any.
            make: gives a JSON value, which is kept too.

        Returns:
            What `make` gave, now or then.
        """
        key = self.key(name, inputs)
        if kept := self._kept(key, place):
            value: Value = kept["value"]
            return value
        value = make()
        if self.key(name, inputs) == key:  # else an input was replaced, before or after it was read
            self._store.put(self._kind, {key: {"files": _digests(place), "value": value}})
        return value

    def restored(self, name: str, inputs: Collection[Path], place: Path) -> bool:
        """Write a page's files as kept; False, and none written, where they are not."""
        return self._kept(self.key(name, inputs), place) is not None

    def key(self, name: str, inputs: Collection[Path]) -> str:
        """What a page's files are kept under, as its inputs are now."""
        digest = hashlib.sha256(f"{self._work} {name}".encode())
        for path in inputs:  # what misses one that is gone says so
            digest.update(bytes.fromhex(file_digest(path)) if path.is_file() else b"")
        return digest.hexdigest()

    def _kept(self, key: str, place: Path | None) -> dict[str, Any] | None:
        kept: dict[str, Any] | None = self._store.get([key]).get(key)
        if kept and place:
            return kept if self._restore(kept["files"], place.parent) else None
        return kept

    def _restore(self, files: Mapping[str, str], folder: Path) -> bool:
        """Write the files into the folder; False, and none written, where one cannot be had."""
        contents = {}
        for name, md5 in files.items():
            path = cached(self._cache, md5)
            content = path.read_bytes() if path.is_file() else b""
            if name_in_cache(content) != md5:
                return False
            contents[folder / name] = content
        for path, content in contents.items():
            write_bytes(path, content)
        return True


def _digests(place: Path | None) -> dict[str, str]:
    """The MD5 of every file at or below `place`, by its path beside `place`."""
    if place is None:
        return {}
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    return {p.relative_to(place.parent).as_posix(): name_in_cache(p.read_bytes()) for p in files}


def remember_code(stage: str) -> None:
    """Take the code and the packages of now for those that this process and its forks work with,
    whatever is edited or installed meanwhile."""
    code_digest(stage)
    package_versions()


@cache
def code_digest(stage: str) -> str:
    """The digest of the code that dvc.yaml names for the stage."""
    text = (PROJECT / "dvc.yaml").read_text(encoding="utf-8")
    needed = yaml.safe_load(text)["stages"][stage]["deps"]
    return tree_digest(PROJECT, [name for name in needed if name.startswith("stages/")])


@cache
def package_versions() -> dict[str, str | None]:
    """The versions of all packages that pyproject.toml asks for; None where one is missing."""
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    asked = tomllib.loads(text)["project"]["dependencies"]
    return {name: _version(name) for name in (re.split(r"[^\w.-]", line)[0] for line in asked)}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
