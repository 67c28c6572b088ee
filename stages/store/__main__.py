"""python -m stages.store: the size of the result store, and what is dropped from it.

Nothing is lost that a run could not compute again.
"""

import argparse
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from stages.errors import UserError
from stages.running.runner import run_command
from stages.store.database import OtherLayoutError, connect, is_broken, is_full
from stages.store.results import VARIABLE, store_path

SECONDS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
GB = 1e9
OVERHEAD = 300  # bytes that an entry takes besides its value, about


def main() -> None:
    """Prune as asked, then show what is left."""
    parser = argparse.ArgumentParser(prog="python -m stages.store", description=__doc__)
    parser.add_argument(
        "--max-gb", type=_size, metavar="GB", help="drop what was used longest ago above this size"
    )
    parser.add_argument(
        "--older-than", type=_age, metavar="AGE", help="drop what was not used for 12h, 30d or 8w"
    )
    arguments = parser.parse_args()
    path = store_path()
    if path is None:
        raise UserError(f"{VARIABLE}=off: there is no store")
    if not path.is_file():
        print(f"{path}: nothing kept yet")
        return
    try:
        with closing(connect(path)) as database:
            if arguments.older_than is not None:
                drop_older(database, path, int(time.time()) - arguments.older_than)
            if arguments.max_gb is not None:
                drop_above(database, path, arguments.max_gb)
            print(summary(database, path))
    except OtherLayoutError as error:
        raise UserError(f"{path}: {error}") from None
    except sqlite3.Error as error:
        cure = "; a broken store is begun anew by the next run" if is_broken(error) else ""
        raise UserError(f"{path}: {error}{cure}") from None


def summary(database: sqlite3.Connection, path: Path) -> str:
    """The file's size, and entries, megabytes and dates of each kind."""
    rows = database.execute(
        "SELECT kind, COUNT(*), SUM(LENGTH(value)), MIN(made), MAX(made), MIN(used)"
        " FROM results GROUP BY kind ORDER BY kind"
    ).fetchall()
    lines = [f"{path}: {file_size(path) / 1e6:.1f} MB"]
    if rows:
        titles = ("kind", "entries", "MB", "first made", "last made", "longest unused since")
        lines.append("{:<20}{:>9}{:>9}{:>13}{:>12}{:>23}".format(*titles))
    for kind, count, size, *times in rows:
        first, last, unused = (time.strftime("%Y-%m-%d", time.localtime(t)) for t in times)
        lines.append(f"{kind:<20}{count:>9}{size / 1e6:>9.1f}{first:>13}{last:>12}{unused:>23}")
    return "\n".join(lines)


def file_size(path: Path) -> int:
    """Bytes of the database and its log."""
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def drop_older(database: sqlite3.Connection, path: Path, moment: int) -> None:
    """Drop what was last used before `moment`, in seconds since 1970."""
    with database:
        database.execute("DELETE FROM results WHERE used < ?", [moment])
    shrink(database, path)


def drop_above(database: sqlite3.Connection, path: Path, size: float) -> None:
    """Drop what was used longest ago until the file has at most `size` bytes, or is empty.

    Raises:
        UserError: as `shrink`.
    """
    share = 1.0
    while True:
        with database:
            database.execute(
                "DELETE FROM results WHERE rowid IN (SELECT id FROM (SELECT rowid AS id,"
                " SUM(LENGTH(value) + ?) OVER (ORDER BY used DESC, rowid DESC) AS kept"
                " FROM results) WHERE kept > ?)",
                [OVERHEAD, int(size * share)],
            )
        shrink(database, path)
        if file_size(path) <= size or not _count(database):
            return
        share *= 0.9 if share > 0.01 else 0


def shrink(database: sqlite3.Connection, path: Path) -> None:
    """Give the room of what was dropped back to the disk.

    Raises:
        UserError: another process reads the store meanwhile, or the disk has no room for a copy of
            what is left, which it takes.
    """
    try:
        database.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if not is_full(error):
            raise
        raise UserError(
            f"{path}: what was to be dropped is, but to make the file smaller takes up to"
            f" {file_size(path) / 1e6:.1f} MB of free disk; make room and run this again, or delete"
            " it: a run computes again what it needs"
        ) from None
    busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise UserError(
            f"{path}: another process is reading it, so it cannot shrink; run this again once that"
            " has ended"
        )


def _count(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT COUNT(*) FROM results").fetchone()[0])


def _size(text: str) -> float:
    try:
        size = float(text) * GB
    except ValueError:
        size = -1.0
    if not 0 <= size < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: give a size in GB, such as 2 or 0.5")
    return size


def _age(text: str) -> int:
    found = re.fullmatch(r"(\d+)([hdw])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: give hours, days or weeks, such as 12h or 30d")
    return min(int(found[1]) * SECONDS[found[2]], int(time.time()))


if __name__ == "__main__":
    run_command("store", main)
