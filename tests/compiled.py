"""What is compiled once in a process serves all its sites and databases, of which a run makes thousands.

A server has one of each and keeps what it compiled; the tests would pay for it anew every time.
"""

from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from views.site import Site

STATEMENTS: LRUCache[Any, Any] = LRUCache(2000)


def share() -> None:
    Site.jinja_options = Site.jinja_options | {"bytecode_cache": Pages()}
    # SQLAlchemy looks for a statement under its dialect. Each engine has one of its own, which knows the same words
    # as any other of its class: there is one library for SQLite in a process, and one server with PostgreSQL.
    DefaultDialect.__eq__ = _alike
    DefaultDialect.__hash__ = _by_class
    event.listen(Engine, "engine_connect", _with_the_shared)


class Pages(BytecodeCache):
    """A template is known by its name and its text."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


def _with_the_shared(connection: Connection) -> None:
    connection.engine._compiled_cache = STATEMENTS


def _alike(self: object, value: object, /) -> bool:
    return type(self) is type(value)


def _by_class(self: object) -> int:
    return hash(type(self))
