"""What is sent to the driver itself, past SQLAlchemy's execution: its errors and events stay SQLAlchemy's."""

from collections.abc import Sequence
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def execute(connection: Connection, sql: str, values: Sequence[Any] = (), *, many: bool = False) -> Any:
    """Run a statement of the dialect's own words; the driver's cursor."""
    cursor = cursor_of(connection)
    events: Any = connection.engine.dispatch  # a connection's own would be put together anew for each unit of work
    for seen in events.before_cursor_execute:
        seen(connection, cursor, sql, values, None, many)
    driver = connection.dialect.loaded_dbapi
    try:
        (cursor.executemany if many else cursor.execute)(sql, values)
    except driver.Error as error:
        raise _told(connection, sql, values, error) from error
    return cursor


def cursor_of(connection: Connection) -> Any:
    """The driver's cursor, one for all statements of a connection: each is read to its end before the next. For
    PostgreSQL one that sends the text as it is: the usual one looks for blanks in it, anew each time where there are
    many, which took longer than all else."""
    held: Any = connection.connection
    kept = held.info.get("cursor")
    if kept is None:
        driver = held.driver_connection
        kept = RawCursor(driver) if connection.dialect.name == "postgresql" else driver.cursor()
        held.info["cursor"] = kept
    return kept


def _told(connection: Connection, sql: str, values: Sequence[Any], error: Any) -> BaseException:
    """The driver's error as SQLAlchemy's; a connection that the server dropped is not used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    hush(error)
    how: dict[str, Any] = {"hide_parameters": True, "connection_invalidated": lost}
    told = DBAPIError.instance(sql, values, error, dialect.loaded_dbapi.Error, **how)
    if lost:
        connection.invalidate(error)
    return told


def hush(error: BaseException | None) -> None:
    """PostgreSQL adds the values of the row that it refuses: they belong into no log."""
    if error and error.args:
        error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])
