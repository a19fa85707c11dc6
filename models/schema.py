"""The schema's versions, through Alembic's Python API: there is no ini file and no alembic command.

A change of the models becomes a revision so (the models are compared with a database in memory):

    python -c "from models import schema; schema.write_revision('0003', 'what changed')"
    ruff format models/migrations

Before the first release revision 0001 is written again instead: remove `0001_tables.py`, set `0002_guards.py` aside,
call `schema.write_revision("0001", "tables")`, put 0002 back. Triggers are written by hand, so they have a revision of
their own and nothing generated has to be edited; both run in one transaction.
"""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text

from models import Base
from models.database import Database

MIGRATIONS = Path(__file__).with_name("migrations")
_UPGRADE_LOCK = 0x58494E4A  # one number for every Xinjie process on a PostgreSQL server


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to a revision, in one transaction. Two processes that start together do it once."""
    with _migrating(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str = "base") -> None:
    with _migrating(database) as connection:
        command.downgrade(_config(connection), revision)


def current(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def knows(revision: str) -> bool:
    """False for a revision that only a later release of the programme has."""
    return any(script.revision == revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def drift(database: Database) -> list[Any]:
    """What the database lacks or has too much, compared with the models (tables, columns, types, indexes, keys)."""
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)


@cache
def guards() -> frozenset[str]:
    """The triggers that the revisions set, alike on both databases."""
    database = Database("sqlite://")
    upgrade(database)
    with database.engine.connect() as connection:
        return standing_guards(connection)


def standing_guards(connection: Connection) -> frozenset[str]:
    """Those that stand in a database and are in force."""
    sqlite = connection.dialect.name == "sqlite"
    known = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    in_force = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    return frozenset(connection.execute(text(known if sqlite else in_force)).scalars())


def write_revision(number: str, message: str) -> None:
    """Write a revision file: the difference between the models and what the revisions so far build."""
    database = Database("sqlite://")
    if head():
        upgrade(database, f"{head()}")
    with _migrating(database) as connection:
        written = command.revision(_config(connection), message, autogenerate=True, rev_id=number)
    for script in [written] if isinstance(written, Script) else []:
        path = Path(script.path)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "# ### " not in line), encoding="utf-8")


@contextmanager
def _migrating(database: Database) -> Generator[Connection]:
    """In one transaction, and alone."""
    alone = _replacing_tables if database.is_sqlite else _queued
    with database.engine.execution_options(xinjie_write=True).connect() as connection, alone(connection):
        yield connection


@contextmanager
def _queued(connection: Connection) -> Generator[None]:
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        yield


@contextmanager
def _replacing_tables(connection: Connection) -> Generator[None]:
    """SQLite changes a table by putting another in its place, which the rows that refer to it would forbid: whether all
    still refer to something is asked at the end."""
    held: Any = connection.connection.driver_connection
    held.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.begin():
            yield
            if broken := connection.execute(text("PRAGMA foreign_key_check")).first():
                raise RuntimeError(f"a row of {broken[0]} would refer to nothing")
    finally:
        held.execute("PRAGMA foreign_keys = ON")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
