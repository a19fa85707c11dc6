"""What pages read and acts write through: a session of its own on a connection that is kept from one to the next."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError, InvalidRequestError
from sqlalchemy.orm import ORMExecuteState, Session

KEPT = 4
"""So many connections rest here at most: what is needed beside them at a time goes back to the pool."""
ONCE: dict[str, Any] = {"expire_on_commit": False, "close_resets_only": False}
"""A session that has ended stays ended: a late read would take a connection, and on SQLite the lock, and keep it."""


class _OneLine(Session):
    """A session on the one connection that it is given, whose transaction is its opener's to end. Prepared statements
    need no more than that connection: the rest, which costs as much as they do, is made when it is first asked for."""

    whole = ended = False

    def __init__(self, line: Connection, info: dict[str, Any] | None = None) -> None:
        self._line, self.info = line, dict(info or {})

    def __getattr__(self, name: str) -> Any:
        if self.whole or self.ended:
            raise AttributeError(f"{name!r} of a session that has ended" if self.ended else name)
        self.whole = True
        super().__init__(self._line, autoflush=False, **ONCE)
        return getattr(self, name)

    def close(self) -> None:
        if self.whole:
            super().close()
        self.ended = True

    def connection(self, *_arguments: Any, **_options: Any) -> Connection:
        """At once: what Session does before it hands it out costs a prepared statement more than the database does."""
        if self.ended:
            raise InvalidRequestError("this session has ended: its connection is somebody else's")
        return self._line


class Glance(_OneLine):
    """Where nothing is rolled back, nothing may be written."""

    def flush(self, objects: Any = None) -> None:
        raise RuntimeError("a page that only reads has changed a row")


class Work(_OneLine):
    """A unit of work; rolled back, it ends without a trace."""

    def rollback(self) -> None:
        super().rollback()
        self._line.rollback()


class Alone(_OneLine):
    """A unit of work without a transaction around it: it reads, and changes rows by one statement (`together`). What
    needs more raises NeedsTransaction."""

    def flush(self, objects: Any = None) -> None:
        if self.new or self.dirty or self.deleted:
            raise NeedsTransaction


class NeedsTransaction(Exception):
    """To change rows more than once, or to hold a lock while reading on."""


@event.listens_for(Alone, "do_orm_execute")
def _only_reads(asked: ORMExecuteState) -> None:
    if not asked.is_select or getattr(asked.statement, "_for_update_arg", None) is not None:
        raise NeedsTransaction


class Lines:
    """To take a connection from the pool, wrap it and give it back costs more than a page's statement; who ends well
    leaves its own to the next. `check(connection, since)` raises where it has died meanwhile; without it there is no
    server, but a file that must show one state."""

    def __init__(self, engine: Engine, check: Callable[[Any, float], object] | None) -> None:
        self._engine, self._check = engine, check
        self._resting: list[tuple[Connection, float]] = []

    @contextmanager
    def glance(self) -> Generator[Session]:
        with self._one() as line:
            held: Any = line.connection.driver_connection
            if self._check is None:
                held.execute("BEGIN")
            with Glance(line) as session:
                yield session
            if line.in_transaction():
                line.rollback()  # what SQLAlchemy has begun by itself
            held.rollback()

    @contextmanager
    def alone(self, info: dict[str, Any]) -> Generator[Session]:
        with self._one() as line:
            with Alone(line, info) as session:
                yield session
                if session.whole:
                    session.flush()
            if line.in_transaction():
                line.rollback()

    @contextmanager
    def work(self, info: dict[str, Any]) -> Generator[Session]:
        with self._one() as line, line.begin(), Work(line, info) as session:
            yield session
            if session.whole:
                session.flush()

    @contextmanager
    def _one(self) -> Generator[Connection]:
        line = self._taken()
        try:
            yield line
        except BaseException:
            line.close()
            raise
        self._rest(line)

    def _taken(self) -> Connection:
        while True:
            try:
                line, since = self._resting.pop()
            except IndexError:
                return self._engine.connect()
            if self._lives(line, since):
                return line
            line.invalidate()
            line.close()

    def _lives(self, line: Connection, since: float) -> bool:
        if self._check is None:
            return True
        try:
            self._check(line.connection.driver_connection, since)
        except InvalidatePoolError:
            return False
        return True

    def _rest(self, line: Connection) -> None:
        if len(self._resting) < KEPT:
            self._resting.append((line, monotonic()))
        else:
            line.close()

    def close(self) -> None:
        while self._resting:
            self._resting.pop()[0].close()

    def forget(self) -> None:
        """In the child of a fork: the connections stay the parent's."""
        self._resting.clear()
