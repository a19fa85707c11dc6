"""A few words for the hot path, which is Core on the models' tables."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Executable, Select, String, Table, func, literal_column, or_
from sqlalchemy.orm import Session

from models.base import Base
from models.case import Case


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    return cast(Table, model.__table__)


def affected(session: Session, statement: Executable, values: dict[str, Any] | None = None) -> int:
    """Execute a write and say how many rows it touched."""
    return cast(CursorResult[tuple[()]], session.execute(statement, values or {})).rowcount


def counted(session: Session, query: Select[*tuple[Any, ...]]) -> int:
    """How many rows a list has, whatever page of it is read. Counted in the query itself: then the database leaves out
    the tables that are joined only for what is shown."""
    whole = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return session.execute(whole).scalar_one()


def word(text: str) -> ColumnElement[str]:
    """A constant that is part of a statement's text: a partial index does not serve a condition with a blank in it."""
    return literal_column(f"'{text}'", String)


def either(column: ColumnElement[str], *words: str) -> ColumnElement[bool]:
    """Whether the column has one of these constants: an IN whose text does not depend on how many there are."""
    return or_(*(column == word(one) for one in words))


READY = (Case.state + word("")) == word("awaiting_publicity")
"""As the index of these cases says it. Were that `state = '…'`, SQLite would compile every statement with `state = ?`
anew each time it runs, since the value might be the index's: the page of an institution took 300 µs more."""
