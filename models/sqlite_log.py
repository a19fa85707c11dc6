"""SQLite's write-ahead log, and how it is folded into the file in spite of a fault in many versions of the library."""

import os
import sqlite3
from contextlib import closing

LOG_BYTES = 8 * 2**20
"""How long SQLite's write-ahead log may grow before it is folded into the file."""


def wal_reset_safe(version: tuple[int, ...]) -> bool:
    """Whether a version of SQLite is free of the WAL-reset fault: two connections that checkpoint and commit at the
    same moment can corrupt the file (sqlite.org/wal.html). Mended in 3.51.3, and back in 3.50.7 and 3.44.6."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


FOLDS_ITSELF = wal_reset_safe(sqlite3.sqlite_version_info)


def prepare(connection: sqlite3.Connection) -> None:
    """A version with the fault must not checkpoint by itself, after a commit, beside other writers."""
    connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")
    if not FOLDS_ITSELF:
        connection.execute("PRAGMA wal_autocheckpoint=0")


def fold(file: str) -> None:
    """Checkpoint a grown log while this connection holds the write lock: with nobody able to commit meanwhile, the
    WAL-reset fault cannot happen. Somebody else who holds the lock will come by here too."""
    try:
        size = os.stat(f"{file}-wal").st_size  # after every commit: a Path takes ten times as long
    except FileNotFoundError:
        return
    if size <= LOG_BYTES:
        return
    with closing(_bare(file)) as guard, closing(_bare(file)) as worker:
        try:
            guard.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return
        worker.execute("PRAGMA wal_checkpoint(PASSIVE)")
        guard.execute("ROLLBACK")


def _bare(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=1, isolation_level=None)
    prepare(connection)
    return connection
