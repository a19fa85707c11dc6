"""Engines and units of work: what makes SQLite and PostgreSQL behave alike."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from math import inf
from select import POLLIN, poll
from time import monotonic
from typing import Any, TypeVar

from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker

from models import sqlite_log
from models.driver import execute, hush
from models.lines import ONCE, Lines

T = TypeVar("T")
IDLE_SECONDS = 5
PREPARED = 300
"""Statements that a connection to PostgreSQL keeps prepared."""
PATIENCE = {
    "connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}  # fmt: skip
"""Seconds, the last in milliseconds: after a minute a server that has vanished from the network is given up, where the
system by itself would wait a quarter of an hour, or two. What the address of the database says goes before."""
SQLITE_PRAGMAS = {
    "foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000, "mmap_size": 0,
    "cache_size": -16_000,
}  # fmt: skip
"""A negative `cache_size` is KiB of each connection: with its own 2 MB SQLite reads a long list anew each time."""


class Database:
    """One database. `read()` never takes a write lock; `write()` takes it at BEGIN and commits once, at its end."""

    def __init__(self, url: str, *, algorithm: str = "sha256", pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url, pool_size)
        self._read = sessionmaker(self.engine, **ONCE)
        at_once = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        check = None if self.is_sqlite else _doubted
        self._lines = Lines(at_once, check)
        self._writers = Lines(self.engine.execution_options(xinjie_write=True), check)
        self._chain = {"algorithm": algorithm}  # of the history hashes; stored with each entry

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Generator[Session]:
        with self._read() as session:
            yield session

    def glance(self) -> AbstractContextManager[Session]:
        """For a page: PostgreSQL is spared BEGIN and ROLLBACK, which took longer than what they stood around. Every
        statement sees what is committed when it begins, as it did before: its transactions are READ COMMITTED. On
        SQLite all of them see one state."""
        return self._lines.glance()

    @contextmanager
    def write(self) -> Generator[Session]:
        """A unit of work: committed when the block ends well, rolled back whole when it raises."""
        with self._writers.work(self._chain) as session:
            yield session
        if self.is_sqlite and self.url.database and not sqlite_log.FOLDS_ITSELF:
            sqlite_log.fold(self.url.database)

    def alone(self, act: Callable[[Session], T]) -> T:
        """One act as a unit of work. On PostgreSQL it is tried without a transaction first: most acts read a case and
        then change all by one statement, which makes sure that the case is as it was read. Whatever stops it there, be
        it that somebody was quicker, is found out again under the lock, where it counts; so `act` is one that may be
        asked twice (a request is answered once, a timer fires once)."""
        if not self.is_sqlite:
            with suppress(Exception), self._lines.alone(self._chain) as session:
                return act(session)
        with self.write() as session:
            return act(session)

    @contextmanager
    def hurried(self) -> Generator[None]:
        """While a database is filled that is worth nothing until it is whole: nobody waits for the disk."""
        event.listen(self.engine, "connect", self._hurry)
        self.close()
        try:
            yield
        finally:
            event.remove(self.engine, "connect", self._hurry)
            self.close()

    def _hurry(self, connection: Any, _record: Any) -> None:
        if self.is_sqlite:
            connection.execute("PRAGMA synchronous=0")
        else:
            connection.execute("SET synchronous_commit = off")
            connection.commit()

    def close(self) -> None:
        self._lines.close()
        self._writers.close()
        self.engine.dispose()

    def forked(self) -> None:
        """In the child of a fork: the connections stay the parent's, the child opens its own."""
        self._lines.forget()
        self._writers.forget()
        self.engine.dispose(close=False)


def _postgres_engine(url: str, pool_size: int) -> Engine:
    patience = {name: value for name, value in PATIENCE.items() if name not in make_url(url).query}
    engine = create_engine(url, connect_args=patience, pool_size=pool_size, max_overflow=20, hide_parameters=True)
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "checkin", _rested)
    event.listen(engine, "checkout", _still_there)
    event.listen(engine, "handle_error", _hush)
    return engine


def _prepare_postgres(connection: Any, _record: Any) -> None:
    # By itself the driver takes the shortest type a number fits in, and prepares a statement anew for each.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.prepared_max = PREPARED
    # The server's own figure is a turning disk's: with it a small table is read whole, again for every act.
    connection.execute("SET random_page_cost = 1.1")
    connection.commit()


def _hush(met: ExceptionContext) -> None:
    for error in (met.original_exception, met.sqlalchemy_exception):
        hush(error)


def _rested(_connection: Any, record: Any) -> None:
    record.info["rested"] = monotonic()


def _still_there(connection: Any, record: Any, _proxy: Any) -> None:
    _doubted(connection, record.info.get("rested", inf))


def _doubted(connection: Any, since: float) -> None:
    """A question to the server costs as much as a statement: asked only where there is cause to doubt.

    A server that stops or restarts closes its end, which the socket tells at once and for nothing; one that
    vanished from the network tells nothing. The first dead connection found ends all that are as old.
    """
    if _rung(connection) or monotonic() - since > IDLE_SECONDS:
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except connection.Error as error:
            raise InvalidatePoolError from error


def _rung(connection: Any) -> bool:
    """Whether the server has sent something unasked: its farewell, the end of the stream, or a mere notice."""
    line = poll()
    line.register(connection.fileno(), POLLIN)
    return bool(line.poll(0))


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would be deferred, and fail on upgrade (SQLITE_BUSY)
    for pragma, value in SQLITE_PRAGMAS.items():
        connection.execute(f"PRAGMA {pragma}={value}")
    sqlite_log.prepare(connection)
    if connection.execute("PRAGMA foreign_keys").fetchone() != (1,):
        raise RuntimeError("SQLite was built without foreign keys")


def _begin_sqlite(connection: Connection) -> None:
    held: Any = connection.connection
    if held.in_transaction:
        return  # a glance has begun already
    write = connection.get_execution_options().get("xinjie_write")
    execute(connection, "BEGIN IMMEDIATE" if write else "BEGIN")
