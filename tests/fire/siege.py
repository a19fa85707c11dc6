"""A process killed at a chosen statement of a unit of work, by a forked child that does the same act first."""

import os
import signal
import uuid
import warnings
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, event, select

from models.database import Database
from tests.cast import World
from tests.fire.crowd import MOVING

Verb = Callable[[], Any]
KILLED, DONE = -signal.SIGKILL, 0
BEFORE_COMMIT, AFTER_COMMIT = -1, -2
"""In place of a statement's number: before COMMIT, and after it but before the answer."""


class Keys:
    """In place of `uuid`: the ids that follow are known, so that a child, its parent and a retry ask with the same."""

    def __init__(self) -> None:
        self.next = 1

    def uuid4(self) -> uuid.UUID:
        self.next += 1
        return uuid.UUID(int=self.next)


def doomed(world: World, verb: Verb, statement: int) -> int:
    """Do the verb in a child that dies before the n-th statement of its write transaction.

    Gives KILLED, or DONE when the child came to its end first.
    """
    world.database.close()  # no connection crosses the fork: the child opens its own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads of the test run do not matter to the child
        child = os.fork()
    if child == 0:
        _die(world.database, verb, statement)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _die(database: Database, verb: Verb, statement: int) -> None:
    try:
        _kill_at(database, statement)
        verb()
        os._exit(DONE)
    except BaseException as fault:
        os.write(2, f"in the child: {fault!r}\n".encode())
        os._exit(1)


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
        event.listen(database._write, "after_commit", _now)


def _now(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def content(world: World) -> str:
    """A hash over every row that an act could change: equal only when nothing at all has changed."""
    whole = sha256()
    with world.database.read() as session:
        for table in MOVING:
            rows = session.execute(select(table).order_by(*table.primary_key.columns)).all()
            whole.update(repr((table.name, rows)).encode())
    return whole.hexdigest()
