import sqlite3

import pytest

from stages.store.database import is_broken


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        (sqlite3.SQLITE_CORRUPT, True),
        (sqlite3.SQLITE_CORRUPT_INDEX, True),
        (sqlite3.SQLITE_NOTADB, True),
        (sqlite3.SQLITE_BUSY, False),
        (sqlite3.SQLITE_FULL, False),
        (sqlite3.SQLITE_IOERR_READ, False),
    ],
)
def test_a_broken_file_is_told_from_other_trouble(code: int, broken: bool) -> None:
    error = sqlite3.DatabaseError()
    error.sqlite_errorcode = code
    assert is_broken(error) is broken
