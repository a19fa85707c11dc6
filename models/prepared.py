"""Statements of the hot path: written as Core, compiled once for each database, run on the driver's own cursor.

SQLAlchemy takes 60 to 120 microseconds to run a statement, the drivers take 8, and an act runs a dozen. Values are bent
by the same column types as everywhere, errors come out as SQLAlchemy's own, and its events see every statement.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Column, Connection, Date, Insert, Table, bindparam, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import TypeEngine

from models.base import Base, Instant
from models.core import table_of
from models.lines import Alone, NeedsTransaction

Params = Mapping[str, Any]
Bend = Callable[[Any], Any]
_PLACE = re.compile(r"\$(\d+)")
TOGETHER = 24
"""At most so many changes in one statement: the server plans them anew for every number."""


class Form:
    """One statement in one database's words: its text, and how its values go in."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"not a statement: {statement}")
        if compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError(f"its text depends on its values: {statement}")
        self.sql = str(compiled)
        self._given = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        names = compiled.positiontup or ()
        self._count, self._picked = len(names), _picker(names)
        self._bends = bends(inward(compiled.binds[name].type, dialect) for name in names)

    def behind(self, count: int) -> str:
        """The text for a statement in which so many values come before its own."""
        return _PLACE.sub(lambda place: f"${int(place[1]) + count}", self.sql)

    def __len__(self) -> int:
        """How many values go in."""
        return self._count

    def values(self, params: Params) -> Sequence[Any]:
        known = {**self._given, **params} if self._given else params
        return bent(self._picked(known), self._bends)


def _picker(names: Sequence[str]) -> Callable[[Params], tuple[Any, ...]]:
    """From a mapping to the values of these names, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda known: tuple(known[name] for name in names)


class Prepared:
    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._forms: dict[str, Form] = {}

    def form(self, dialect: Dialect) -> Form:
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = Form(self.statement, _positional(dialect))
        return found

    def run(self, connection: Connection, params: Params) -> Any:
        """The driver's cursor, after the statement."""
        form = self.form(connection.dialect)
        return execute(connection, form.sql, form.values(params))


class Query(Prepared):
    """A select; its rows come as named tuples."""

    def __init__(self, statement: SelectBase) -> None:
        super().__init__(statement)
        columns = list(statement.selected_columns)
        self._row = namedtuple("Row", [str(column.key) for column in columns], rename=True)._make
        self._types = [column.type for column in columns]
        self._bends: dict[str, list[tuple[int, Bend]]] = {}

    def all(self, session: Session, params: Params) -> list[Any]:
        connection = session.connection()
        rows, places = self.run(connection, params).fetchall(), self._outward(connection.dialect)
        return [self._row(bent(row, places)) for row in rows]

    def first(self, session: Session, params: Params) -> Any:
        return next(iter(self.all(session, params)), None)

    def _outward(self, dialect: Dialect) -> list[tuple[int, Bend]]:
        found = self._bends.get(dialect.name)
        if found is None:
            found = self._bends[dialect.name] = bends(outward(type_, dialect) for type_ in self._types)
        return found


class Write(Prepared):
    """A change of rows. `sure`: of one row, and where it finds none nothing else is to be done either."""

    def __init__(self, statement: Any, *, sure: bool = False) -> None:
        super().__init__(statement)
        self.table: Table = statement.table
        self.adds = isinstance(statement, Insert)
        self.sure = sure


class Added(Write):
    """The insert of a whole row: what it does not name has the column's default. `once`: a key that is there stays."""

    def __init__(self, model: type[Base], *, once: bool = False) -> None:
        table = table_of(model)
        columns = [column for column in table.c if column is not table.autoincrement_column]
        self._defaults = {column.name: _default(column) for column in columns}
        statement = insert(table).values({column.name: bindparam(column.name) for column in columns}).inline()
        super().__init__(statement.on_conflict_do_nothing() if once else statement)

    def row(self, values: Params) -> tuple[Write, Params]:
        return self, {**self._defaults, **values}


def _default(column: Column[Any]) -> Any:
    if column.default is not None and not isinstance(column.default, ScalarElementColumnDefault):
        raise TypeError(f"{column} has a default that is no plain value")
    return column.default.arg if column.default is not None else None


adding = cache(Added)


@dataclass(frozen=True, slots=True)
class Plus:
    """A value that is added to what the row holds when it is written, whoever has changed it since it was read."""

    by: int


def changing(model: type[Base], where: Params, values: Params) -> tuple[Write, Params]:
    """The update of the rows whose columns are as in `where`; None there asks for none."""
    given = tuple((name, value is None) for name, value in where.items())
    known = {f"of_{name}": value for name, value in where.items()}
    known |= {f"to_{name}": value.by if isinstance(value, Plus) else value for name, value in values.items()}
    return _change(model, given, tuple((name, isinstance(value, Plus)) for name, value in values.items())), known


@cache
def _change(model: type[Base], where: tuple[tuple[str, bool], ...], names: tuple[tuple[str, bool], ...]) -> Write:
    table = table_of(model)
    as_asked = [table.c[name].is_(None) if none else table.c[name] == bindparam(f"of_{name}") for name, none in where]
    # A sum's bind takes the column's type from the column it is added to.
    values = {
        name: table.c[name] + bindparam(f"to_{name}") if plus else bindparam(f"to_{name}") for name, plus in names
    }
    return Write(update(table).where(*as_asked).values(values))


def together(session: Session, changes: Sequence[tuple[Write, Params]], *, last: bool = False) -> list[int]:
    """Make all changes, in one statement where the database can; how many rows each of them touched.

    The parts of one statement do not see each other, so a table that it has changed is changed again in the next.
    `last`: nothing is changed after it. Without a transaction only this can be done; it fails as a whole where a change
    that has to be `sure` is not. In a transaction whoever asked for it counts, and ends the whole.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        parts, alone = _parts(changes), isinstance(session, Alone)
        if alone and parts and not (last and len(parts) == 1):
            raise NeedsTransaction
        return [count for part in parts for count in _at_once(connection, part, alone)]
    counts = []
    for write, same in groupby(changes, key=itemgetter(0)):
        counts += _one_by_one(connection, write, [params for _, params in same])
    return counts


def _one_by_one(connection: Connection, write: Write, each: list[Params]) -> list[int]:
    if len(each) == 1 or not write.adds:
        return [write.run(connection, params).rowcount for params in each]
    form = write.form(connection.dialect)
    execute(connection, form.sql, [form.values(params) for params in each], many=True)
    return [1] * len(each)


def _parts(changes: Sequence[tuple[Write, Params]]) -> list[list[tuple[Write, Params]]]:
    parts: list[list[tuple[Write, Params]]] = [[]]
    for change in changes:
        blind = not change[0].adds and any(write.table is change[0].table for write, _ in parts[-1])
        if blind or len(parts[-1]) == TOGETHER:
            parts.append([])
        parts[-1].append(change)
    return parts if parts[0] else []


def _at_once(connection: Connection, part: list[tuple[Write, Params]], alone: bool) -> tuple[int, ...]:
    forms = [write.form(connection.dialect) for write, _ in part]
    values = [value for form, (_, params) in zip(forms, part, strict=True) for value in form.values(params)]
    sure = tuple(alone and write.sure for write, _ in part)
    return execute(connection, _joined(tuple(forms), sure), values).fetchone()


@lru_cache(maxsize=1000)
def _joined(forms: tuple[Form, ...], sure: tuple[bool, ...]) -> str:
    """Where one has to be sure, to divide by no row is an error, which undoes the whole."""
    before = accumulate(map(len, forms), initial=0)
    texts = [form.behind(count) for form, count in zip(forms, before, strict=False)]
    named = ", ".join(f"w{number} AS ({text} RETURNING 1)" for number, text in enumerate(texts))
    counted = ", ".join(f"{'1 / ' * one}(SELECT count(*) FROM w{number})" for number, one in enumerate(sure))
    return f"WITH {named} SELECT {counted}"


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
    """The driver's cursor. For PostgreSQL one that sends the text as it is: the usual one looks for blanks in it, anew
    each time where there are many, which took longer than all else."""
    held: Any = connection.connection
    return RawCursor(held.driver_connection) if connection.dialect.name == "postgresql" else held.cursor()


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


@cache
def _positional(dialect: Dialect) -> Dialect:
    """The dialect with values by number instead of by name."""
    kind: Any = type(dialect)
    return dialect if dialect.positional else kind(paramstyle="numeric_dollar")


def inward(type_: TypeEngine[Any], dialect: Dialect) -> Bend | None:
    return _time(type(type_), dialect) if isinstance(type_, Instant | Date) else _inward(type_, dialect)


def _inward(type_: TypeEngine[Any], dialect: Dialect) -> Any:
    return type_.dialect_impl(dialect).bind_processor(dialect)


@cache
def _time(kind: type[Instant | Date], dialect: Dialect) -> Bend | None:
    """An act writes its instant into every row that it adds, and asks many rows about its day: they are remembered for
    a while."""
    bend = _inward(kind(), dialect)
    return bend and lru_cache(maxsize=256)(bend)


def outward(type_: TypeEngine[Any], dialect: Dialect) -> Bend | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def bends(converters: Any) -> list[tuple[int, Bend]]:
    return [(place, bend) for place, bend in enumerate(converters) if bend]


def bent(row: Sequence[Any], places: list[tuple[int, Bend]]) -> Sequence[Any]:
    """A row with the named places converted."""
    if not places:
        return row
    found = list(row)
    for place, bend in places:
        found[place] = bend(found[place])
    return found
