"""The store's SQLite file: its one table, its checksums, and what becomes of a broken one."""

import hashlib
import sqlite3
from contextlib import suppress
from pathlib import Path

BUSY_S = 60.0
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

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


def connect(path: Path) -> sqlite3.Connection:
    """The database, made where there is none.

    Raises:
        sqlite3.Error: it is broken (`sqlite_errorcode` in `BROKEN`), or cannot be opened or made.
    """
    database = sqlite3.connect(path, timeout=BUSY_S, isolation_level="IMMEDIATE")
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(ENTRIES)
    except sqlite3.Error:
        database.close()
        raise
    return database


def checksum(key: str, value: bytes) -> bytes:
    """What tells a whole entry, 16 bytes."""
    return hashlib.sha256(key.encode() + value).digest()[:16]


def set_aside(path: Path) -> Path:
    """Rename a broken file and the log that belongs to it; the new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside
