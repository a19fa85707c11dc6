"""Statements of the hot path: written as Core, compiled once for each database, run on the driver's own cursor.

SQLAlchemy takes 60 to 120 microseconds to run a statement, the drivers take 8, and an act runs a dozen. Values are bent
by the same column types as everywhere, errors come out as SQLAlchemy's own, and its events see every statement.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.selectable import SelectBase

from models.bends import Bend, bends, bent, inward, outward
from models.driver import execute

Params = Mapping[str, Any]
_PLACE = re.compile(r"\$(\d+)")


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


@cache
def _positional(dialect: Dialect) -> Dialect:
    """The dialect with values by number instead of by name."""
    kind: Any = type(dialect)
    return dialect if dialect.positional else kind(paramstyle="numeric_dollar")
