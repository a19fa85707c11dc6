"""Several selects asked as one statement: each comes as one JSON value, its rows in it as lists."""

from collections import namedtuple
from collections.abc import Callable, Mapping
from datetime import date, datetime
from json import loads
from typing import Any

from sqlalchemy import Boolean, Date, Text, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import ScalarSelect, SelectBase
from sqlalchemy.types import TypeEngine

from models.base import CanonicalJson, Instant, utc
from models.bends import bends, bent
from models.prepared import Params, Query

NONE = "[]"


class Question:
    """An answer has the rows of each select, as named tuples, under its name."""

    def __init__(self, parts: Mapping[str, SelectBase]) -> None:
        self._query = Query(select(*(_as_value(part).label(name) for name, part in parts.items())))
        self._shapes = [(name, _row(part), bends(map(_converter, _types(part)))) for name, part in parts.items()]

    def ask(self, session: Session, params: Params) -> dict[str, list[Any]]:
        texts = self._query.first(session, params)
        return {
            name: [row(bent(one, places)) for one in loads(text)] if text and text != NONE else []
            for text, (name, row, places) in zip(texts, self._shapes, strict=True)
        }


class rows_as_json(FunctionElement[str]):
    type = Text()
    inherit_cache = True


@compiles(rows_as_json, "sqlite")
def _on_sqlite(element: rows_as_json, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **how)}))"


@compiles(rows_as_json, "postgresql")
def _on_postgres(element: rows_as_json, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(json_agg(json_build_array({compiler.process(element.clauses, **how)})) AS text)"


def _as_value(part: SelectBase) -> ScalarSelect[Any]:
    rows = part.subquery()
    return select(rows_as_json(*rows.c)).select_from(rows).scalar_subquery()


def _row(part: SelectBase) -> Callable[..., Any]:
    return namedtuple("Row", [str(column.key) for column in part.selected_columns], rename=True)._make


def _types(part: SelectBase) -> list[TypeEngine[Any]]:
    return [column.type for column in part.selected_columns]


def _converter(type_: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """From what JSON can say back to the column's own kind."""
    for kind, read in ((Instant, _instant), (Date, date.fromisoformat), (CanonicalJson, loads), (Boolean, bool)):
        if isinstance(type_, kind):
            return lambda value: None if value is None else read(value)
    return None


def _instant(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))
