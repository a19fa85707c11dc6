"""A list of row ids or words as one value, so that a statement has the same text however long the list is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Boolean, ColumnElement, Select, String, Text, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType


class _ArrayText(UserDefinedType[str]):
    """An array of PostgreSQL's as its text: the driver takes longer to send a list than the server to use it."""

    render_bind_cast = True
    cache_ok = True

    def __init__(self, item: str) -> None:
        self.item = item

    def get_col_spec(self, **_how: Any) -> str:
        return f"{self.item}[]"


class Listed(TypeDecorator[Sequence[Any]]):
    """Ids, or words (`item` is VARCHAR then), as one text: JSON for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: str = "BIGINT") -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else _ArrayText(self.item))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> str:
        if dialect.name == "sqlite":
            return json.dumps([*(value or ())])
        return f"{{{','.join(map(_quoted, value or ()))}}}"


def _quoted(value: int | str) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Few(FunctionElement[bool]):
    """A column, and the few values it may have, as each database puts it."""

    type = Boolean()
    inherit_cache = True
    words: ClassVar[Mapping[str, str]]

    def self_group(self, against: Any = None) -> Any:
        """As it is: put as a value (`= 1`) no index of SQLite would serve it."""
        return self


@compiles(_Few)
def _put(element: _Few, compiler: SQLCompiler, **how: Any) -> str:
    return element.words[compiler.dialect.name].format(*(compiler.process(part, **how) for part in element.clauses))


class _Among(_Few):
    inherit_cache = True
    words = {"sqlite": "{} IN (SELECT value FROM json_each({}))", "postgresql": "{} = ANY({})"}


class _Within(_Few):
    inherit_cache = True
    words = {"sqlite": "{} IN {}", "postgresql": "{} = ANY(ARRAY{})"}


def within(column: Any, found: Select[tuple[int]]) -> ColumnElement[bool]:
    """Whether the column's id is one of the few that a select finds: PostgreSQL takes any select for a long list, and
    reads the whole table beside it."""
    return _Within(column, found.scalar_subquery())


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Whether the column's id, or word, is in the list that is given under a name."""
    item = "VARCHAR" if isinstance(column.type, String) else "BIGINT"
    return _Among(column, bindparam(name, type_=Listed(item)))
