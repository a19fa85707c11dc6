"""Where the time of a site comes from: PostgreSQL's own clock, so that any number of nodes agree; else this host's."""

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from models.database import Database
from workflow.clock import Clock

_NOW = text("SELECT clock_timestamp()")


def host_clock() -> datetime:
    return datetime.now(UTC)


def clock_of(database: Database) -> Clock:
    """Read once per unit of work. On PostgreSQL it raises what the database raises: no other clock stands in for it."""
    return host_clock if database.is_sqlite else partial(_asked, database)


def session_clock(session: Session) -> datetime:
    """For a unit of work that has its session already."""
    connection = session.connection()
    return _read(connection) if connection.dialect.name == "postgresql" else host_clock()


def _asked(database: Database) -> datetime:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return _read(connection)


def _read(connection: Connection) -> datetime:
    return connection.execute(_NOW).scalar_one().astimezone(UTC)
