"""The store's SQLite file: its one table, its checksums, and what becomes of a broken one."""

import hashlib
import sqlite3
from contextlib import suppress
from pathlib import Path

BUSY_S = 60.0
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

LAYOUT = 1  # to be raised with every change of the table
COLUMNS = ["key", "kind", "value", "checksum", "made", "used"]
# Times are in seconds since 1970; `value` is JSON under zlib.
ENTRIES = """
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    value BLOB NOT NULL,
    checksum BLOB NOT NULL,
    made INTEGER NOT NULL,
    used INTEGER NOT NULL
)
"""


class OtherLayoutError(Exception):
    """The file has the tables of another version of this project, `newer` or older."""

    def __init__(self, newer: bool) -> None:
        cure = "name another file by RESULT_STORE" if newer else "the next run begins a new one"
        told = "a newer" if newer else "an older"
        super().__init__(f"{told} version of this project made it; {cure}")
        self.newer = newer


def connect(path: Path) -> sqlite3.Connection:
    """The database, made where there is none.

    Raises:
        sqlite3.Error: it is broken (`is_broken`), or cannot be opened or made.
        OtherLayoutError: another version of this project made it.
    """
    database = sqlite3.connect(path, timeout=BUSY_S, isolation_level="IMMEDIATE")
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        _check_layout(database)
        database.execute(ENTRIES)
    except (sqlite3.Error, OtherLayoutError):
        database.close()
        raise
    return database


def _check_layout(database: sqlite3.Connection) -> None:
    """Note this version's number in a new file; one without a number is told by its columns."""
    [version] = database.execute("PRAGMA user_version").fetchone()
    columns = [row[1] for row in database.execute("PRAGMA table_info(results)")]
    if version not in (0, LAYOUT) or (columns and columns != COLUMNS):
        raise OtherLayoutError(newer=version > LAYOUT)
    if version == 0:
        with suppress(sqlite3.OperationalError):  # it may only be read
            database.execute(f"PRAGMA user_version = {LAYOUT}")


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file's content is at fault; extended codes have the primary one below 256."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in BROKEN


def is_full(error: sqlite3.Error) -> bool:
    """Whether there is no more room, on the disk or for this user."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_WRITE


def is_passing(error: sqlite3.Error) -> bool:
    """Whether it may be well soon: another process writes, or the disk is full."""
    return is_full(error) or getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY


def checksum(key: str, value: bytes) -> bytes:
    """What tells a whole entry, 16 bytes."""
    return hashlib.sha256(key.encode() + value).digest()[:16]


def set_aside(path: Path, why: str) -> Path:
    """Rename a file that is no use, with the log that belongs to it; the new name ends in `why`."""
    number = 1
    while (aside := path.with_name(f"{path.name}.{why}-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside
