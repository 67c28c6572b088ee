"""The result store: JSON values under digests, in one SQLite file that processes share.

It lies outside all outs, at the root of the user's own checkout. A batch of results is one short
transaction in the write-ahead log, so a process may be killed at any point. No fault of the store
costs a run: what cannot be written is kept in memory, and written later where only a busy minute or
a full disk was the cause; what cannot be read is computed again; and one line says so.
"""

import json
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from stages.store.checkout import project_root
from stages.store.database import (
    OtherLayoutError,
    checksum,
    connect,
    is_broken,
    is_passing,
    set_aside,
)
from stages.store.locks import WHOLE_FILE, Locks, place_of

VARIABLE = "RESULT_STORE"
OFF = "off"
PLACE = Path(".cache/store.sqlite")

PAUSE_S = 60.0  # from a write that failed to the next try
USE_S = 3600  # a use is noted where the one noted before is this far from now, by either sign
KEYS_PER_QUERY = 500

INSERT = "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?)"
Row = tuple[str, str, bytes, bytes, int, int]  # the columns of an entry

Answer = TypeVar("Answer")


def store_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The store's file: `RESULT_STORE`, else in the checkout's .cache; None where it is `off`."""
    named = environment.get(VARIABLE)
    if named == OFF:
        return None
    return Path(named).resolve() if named else project_root(environment) / PLACE


class Store:
    """Results by key, in a file or, without a path, in memory while the object lives.

    One object a file and process: when one is closed, the claims of another are lost.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._unwritten: dict[str, Row] = {}
        self._database: sqlite3.Connection | None = None
        self._inode = 0
        self._locks: Locks | None = None
        self._writable = path is not None
        self._next_write = 0.0  # of time.monotonic()
        self._told: set[str] = set()
        try:
            self._open()
        except (OSError, sqlite3.Error, OtherLayoutError) as error:
            self._give_up(error)

    def close(self) -> None:
        """End all claims, write what could not be written before, and let go of the file."""
        if self._unwritten:
            self._next_write = 0.0
            self._write(INSERT, list(self._unwritten.values()))
        for opened in (self._database, self._locks):
            if opened:
                opened.close()
        self._database = self._locks = None

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """The values of those keys that have one; a corrupt one is dropped and counts as none."""
        packed = self._packed(keys)
        return {key: json.loads(zlib.decompress(value)) for key, value in packed.items()}

    def missing(self, keys: Iterable[str]) -> list[str]:
        """The distinct keys for which `get` has no value, in their order."""
        wanted = list(dict.fromkeys(keys))
        packed = self._packed(wanted)
        return [key for key in wanted if key not in packed]

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Keep JSON values under their keys, in one transaction; what is there already stays.

        Args:
            kind: what they are, for people.
        """
        packed = {
            key: zlib.compress(json.dumps(value, separators=(",", ":")).encode())
            for key, value in values.items()
        }
        now = int(time.time())
        rows: dict[str, Row] = {
            key: (key, kind, value, checksum(key, value), now, now) for key, value in packed.items()
        }
        if self._write(INSERT, [*self._unwritten.values(), *rows.values()]):
            self._unwritten.clear()
        else:
            self._unwritten |= rows

    def once(self, kind: str, key: str, compute: Callable[[], Any]) -> Any:
        """The value of the key, computed and kept where there is none.

        Another process that is at it is waited for.
        """
        if found := self.get([key]):
            return found[key]
        with self.claimed([key], wait=True):
            if not (found := self.get([key])):
                found = {key: compute()}
                self.put(kind, found)
            return found[key]

    @contextmanager
    def claimed(
        self, keys: Iterable[str], limit: int = 1, wait: bool = False
    ) -> Iterator[list[str]]:
        """Up to `limit` of the keys without a value, which other processes then leave alone.

        Keys that another process has claimed are left out or, one at a time, waited for. A claim
        ends with the block, or with the process.
        """
        claims: list[str] = []
        try:
            for key in keys:
                if len(claims) == limit:
                    break
                if self._locks and not self._locks.take(place_of(key), wait):
                    continue
                claims.append(key)
                if not self.missing([key]):
                    self._release(claims.pop())
            yield claims
        finally:
            for key in claims:
                self._release(key)

    def _packed(self, keys: Iterable[str]) -> dict[str, bytes]:
        """What is kept under these keys, checked against its checksum."""
        wanted = list(dict.fromkeys(keys))
        rows = self._rows(wanted)
        packed = {
            key: value
            for key, value, told, _ in rows
            if isinstance(value, bytes) and told == checksum(key, value)
        }
        if broken := [(key, value) for key, value, *_ in rows if key not in packed]:
            self._warn(f"{self._path}: results in it are corrupt; they are computed again")
            # only the very bytes seen: another process may have mended the entry
            self._write("DELETE FROM results WHERE key = ? AND value IS ?", broken)
        now = int(time.time())
        if stale := [(now, key) for key, _, _, old in rows if old]:
            self._write("UPDATE results SET used = ? WHERE key = ?", stale)
        return packed | {key: self._unwritten[key][2] for key in wanted if key in self._unwritten}

    def _rows(self, keys: list[str]) -> list[tuple[str, bytes, bytes, int]]:
        """Key, value, checksum, and whether the last use noted is long ago."""
        now = int(time.time())
        far = now - USE_S, now + USE_S

        def select(database: sqlite3.Connection) -> list[tuple[str, bytes, bytes, int]]:
            rows = []
            for start in range(0, len(keys), KEYS_PER_QUERY):
                part = keys[start : start + KEYS_PER_QUERY]
                marks = ",".join("?" * len(part))
                query = (
                    "SELECT key, value, checksum, used NOT BETWEEN ? AND ? FROM results"
                    f" WHERE key IN ({marks})"
                )
                rows += database.execute(query, [*far, *part]).fetchall()
            return rows

        return self._attempt(select) or []

    def _write(self, statement: str, rows: list[tuple[Any, ...]]) -> bool:
        """One transaction; False where it could not be written."""

        def write(database: sqlite3.Connection) -> bool:
            with database:
                database.executemany(statement, rows)
            return True

        return bool(self._may_write() and self._attempt(write))

    def _may_write(self) -> bool:
        return self._writable and time.monotonic() >= self._next_write

    def _attempt(self, action: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """What the action gives, in a new file if this one is broken; None where it failed."""
        for _ in range(2):
            if self._database is None:
                return None
            try:
                return action(self._database)
            except sqlite3.Error as error:
                if not is_broken(error):
                    self._give_up(error)
                    return None
            try:
                self._database.close()
                self._open()
            except (OSError, sqlite3.Error, OtherLayoutError) as error:
                self._database = None
                self._give_up(error)
        return None

    def _open(self) -> None:
        """Connect to the file; one that is broken, or was when it was open, is set aside."""
        if self._path is None:
            return
        if self._locks is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._locks = Locks(self._path.with_name(f"{self._path.name}-lock"))
        self._locks.take(WHOLE_FILE, wait=True)
        try:
            if self._inode and self._inode == _inode(self._path):
                self._renew(self._path, "corrupt")
            try:
                self._database = connect(self._path)
            except OtherLayoutError as error:
                if error.newer:
                    raise
                self._renew(self._path, "old")
                self._database = connect(self._path)
            except sqlite3.DatabaseError as error:
                if not is_broken(error):
                    raise
                self._renew(self._path, "corrupt")
                self._database = connect(self._path)
            self._inode = _inode(self._path)
        finally:
            self._locks.release(WHOLE_FILE)

    def _renew(self, path: Path, why: str) -> None:
        aside = set_aside(path, why)
        told = {"corrupt": "corrupt", "old": "made by an older version of this project"}[why]
        self._warn(f"{path} was {told}: it is {aside.name} now, and a new one is begun")

    def _release(self, key: str) -> None:
        if self._locks:
            self._locks.release(place_of(key))

    def _give_up(self, error: Exception) -> None:
        """Write no more, for a while or for the rest of this run."""
        if self._database and isinstance(error, sqlite3.Error) and is_passing(error):
            self._next_write = time.monotonic() + PAUSE_S
            self._warn(f"{self._path}: results wait in memory until it can be written ({error})")
            return
        self._writable = False
        kept = "not" if self._database else "neither read nor"
        self._warn(f"{self._path}: results are {kept} kept ({error})")

    def _warn(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            print(f"store: warning: {text}", file=sys.stderr)


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


@contextmanager
def open_store() -> Iterator[Store]:
    """The store of this checkout, for a stage."""
    with closing(Store(store_path())) as store:
        yield store
