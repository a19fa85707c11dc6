"""Changes of rows as data: a statement and its values each, sent together in as few statements as the database can."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Insert, Table, bindparam, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models.base import Base
from models.core import table_of
from models.driver import execute
from models.lines import Alone, NeedsTransaction
from models.prepared import Form, Params, Prepared

TOGETHER = 24
"""At most so many changes in one statement: the server plans them anew for every number."""


class Write(Prepared):
    """A change of rows. `sure`: of one row, and where it finds none nothing else is to be done either."""

    def __init__(self, statement: Any, *, sure: bool = False) -> None:
        super().__init__(statement)
        self.table: Table = statement.table
        self.adds = isinstance(statement, Insert)
        self.sure = sure


Change = tuple[Write, Params]


class Added(Write):
    """The insert of a whole row: what it does not name has the column's default. `once`: a key that is there stays."""

    def __init__(self, model: type[Base], *, once: bool = False) -> None:
        table = table_of(model)
        columns = [column for column in table.c if column is not table.autoincrement_column]
        self._defaults = {column.name: _default(column) for column in columns}
        statement = insert(table).values({column.name: bindparam(column.name) for column in columns}).inline()
        super().__init__(statement.on_conflict_do_nothing() if once else statement)

    def row(self, values: Params) -> Change:
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


def changing(model: type[Base], where: Params, values: Params) -> Change:
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


def together(session: Session, changes: Sequence[Change], *, last: bool = False) -> list[int]:
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


def _parts(changes: Sequence[Change]) -> list[list[Change]]:
    parts: list[list[Change]] = [[]]
    for change in changes:
        blind = not change[0].adds and any(write.table is change[0].table for write, _ in parts[-1])
        if blind or len(parts[-1]) == TOGETHER:
            parts.append([])
        parts[-1].append(change)
    return parts if parts[0] else []


def _at_once(connection: Connection, part: list[Change], alone: bool) -> tuple[int, ...]:
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
