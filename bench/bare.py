"""What stands beside ours: the changes that an act would write, taken down beforehand and sent by the driver alone.

No rule is asked, nothing is read, no hash is reckoned while the clock runs: on PostgreSQL one statement, on SQLite the
changes between BEGIN and COMMIT. That is the least that leaves these rows.
"""

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from models import sqlite_log
from models.database import Database

Statement = tuple[str, Sequence[Any], bool]
CHANGES = re.compile(r"(WITH \w+ AS \()?(INSERT|UPDATE|DELETE)\b")
"""What changes rows; a reading may begin WITH as well."""


class Rehearsed(Exception):
    """Raised in place of COMMIT."""


def taken_down(database: Database, verb: Callable[[Session], object]) -> list[Statement]:
    """The changes of a unit of work, which is not committed."""
    found: list[Statement] = []

    def note(_connection: Connection, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        if CHANGES.match(sql):
            found.append((sql, values, many))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with suppress(Rehearsed), database.write() as session:
            verb(session)
            raise Rehearsed
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return found


@contextmanager
def counted(database: Database) -> Generator[list[str]]:
    """What is sent while the block runs, BEGIN and COMMIT included."""
    sent: list[str] = []

    def note(_connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        sent.append(sql)

    def begins(_connection: Connection) -> None:
        sent.append("BEGIN")

    def commits(_connection: Connection) -> None:
        sent.append("COMMIT")

    listeners = [("before_cursor_execute", note), ("commit", commits)]
    listeners += [] if database.is_sqlite else [("begin", begins)]  # on SQLite it is a statement like the others
    for name, listener in listeners:
        event.listen(database.engine, name, listener)
    try:
        yield sent
    finally:
        for name, listener in listeners:
            event.remove(database.engine, name, listener)


class Driver:
    """One connection of the driver, every unit committed by itself; SQLite's log is folded as by ours."""

    def __init__(self, database: Database) -> None:
        self._held = database.engine.raw_connection()
        self._driver: Any = self._held.driver_connection
        self._sqlite = database.is_sqlite
        self._file = "" if sqlite_log.FOLDS_ITSELF or not self._sqlite else database.url.database
        if not self._sqlite:
            self._driver.autocommit = True

    def commit(self, statements: list[Statement]) -> None:
        cursor = self._driver.cursor()
        if self._sqlite or len(statements) > 1:
            cursor.execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
        for sql, values, many in statements:
            # As ours: where values stand by number, the driver need not look for them.
            sender: Any = cursor if self._sqlite or isinstance(values, dict) else RawCursor(self._driver)
            (sender.executemany if many else sender.execute)(sql, values)
        if self._sqlite or len(statements) > 1:
            cursor.execute("COMMIT")
        if self._file:
            sqlite_log.fold(self._file)

    def rows(self, sql: str, values: Any = ()) -> list[Any]:
        return self._driver.execute(sql, values).fetchall()

    def close(self) -> None:
        if not self._sqlite:
            self._driver.autocommit = False
        self._held.close()
