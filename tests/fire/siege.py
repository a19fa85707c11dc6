"""A process killed at a chosen statement of a unit of work, by a forked child that does the same act first."""

import os
import signal
import uuid
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event, func, literal, select, union_all

from bench.bare import CHANGES
from models import ArchiveRecord, Case, Incident, PublicityEntry, Task, Timer
from models.database import Database
from tests.cast import World
from tests.fire.crowd import MOVING, REPAIRED, SEATED
from workflow.engine import sync

Verb = Callable[[], Any]
KILLED = -signal.SIGKILL
BEFORE_COMMIT, AFTER_COMMIT, LAST_STATEMENT, BEFORE_ANSWER = -1, -2, -3, -4
"""In place of a statement's number: before COMMIT; after it but before the answer; of an act without a transaction,
before the statement that changes rows, and after it but before the answer."""
FAULT = 255


class Keys:
    """In place of `uuid`: the ids that follow are known, so that a child, its parent and a retry ask with the same."""

    def __init__(self) -> None:
        self.next = 1

    def uuid4(self) -> uuid.UUID:
        self.next += 1
        return uuid.UUID(int=self.next)


def doomed(world: World, verb: Verb, statement: int) -> int:
    """Do the verb in a child that dies before the n-th statement of its transaction: KILLED, if it came so far."""
    if world.database.is_sqlite:
        world.database.close()  # the child is to find the file as a new process would
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads of the test run do not matter to the child
        child = os.fork()
    if child == 0:
        _die(world.database, verb, statement)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _die(database: Database, verb: Verb, statement: int) -> None:
    try:
        database.forked()
        _kill_at(database, statement)
        verb()
    except BaseException as fault:
        os.write(2, f"in the child: {fault!r}\n".encode())
    finally:
        os._exit(FAULT)


def _kill_at(database: Database, statement: int) -> None:
    count = 0

    def step(connection: Connection, *_: Any) -> None:
        nonlocal count
        count += bool(connection.get_execution_options().get("xinjie_write"))
        if count == statement:
            _now()

    event.listen(database.engine, "before_cursor_execute", step)
    if statement == BEFORE_COMMIT:
        event.listen(database.engine, "commit", _now)
    if statement == AFTER_COMMIT:
        _after_commit(database.engine.dialect)
    if statement == LAST_STATEMENT:
        event.listen(database.engine, "before_cursor_execute", lambda _c, _k, sql, *_: CHANGES.match(sql) and _now())
    if statement == BEFORE_ANSWER:
        sync.install(lambda name: _now() if name == "before commit" else None)


def _after_commit(dialect: Any) -> None:
    commit = dialect.do_commit

    def committed(connection: Any) -> None:
        commit(connection)
        _now()

    dialect.do_commit = committed


def _now(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Rehearsed(Exception):
    """Raised in place of COMMIT."""


def rehearsed(world: World, verb: Verb) -> int:
    """Do the verb without COMMIT; gives the number of its statements. Children then find everything compiled."""
    count = 0

    def step(connection: Connection, *_: Any) -> None:
        nonlocal count
        count += bool(connection.get_execution_options().get("xinjie_write"))

    def stop(_connection: Connection) -> None:
        raise Rehearsed

    event.listen(world.database.engine, "before_cursor_execute", step)
    event.listen(world.database.engine, "commit", stop)
    try:
        verb()
    except Rehearsed:
        return count
    finally:
        event.remove(world.database.engine, "before_cursor_execute", step)
        event.remove(world.database.engine, "commit", stop)
    raise AssertionError("nothing was to be committed")


COUNTS = union_all(*(select(literal(table.name), func.count()).select_from(table) for table in MOVING))
REWRITTEN = (
    select(Case.id, Case.version, Case.state, Case.step, Case.due_at),
    select(Task.id, Task.person_id, Task.closed_at, Task.outcome),
    select(Timer.id, Timer.status, Timer.fire_at, Timer.attempts),
    select(PublicityEntry.id, PublicityEntry.held, PublicityEntry.outcome, PublicityEntry.closes_at),
    select(Incident.id, Incident.closed_at),
    select(ArchiveRecord.id, *REPAIRED),
    select(*SEATED),
)


def content(world: World) -> list[Any]:
    """The number of rows of every table, and the columns that acts rewrite: equal only when nothing has changed."""
    with world.database.read() as session:
        return [sorted(session.execute(query), key=repr) for query in (COUNTS, *REWRITTEN)]
