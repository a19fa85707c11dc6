"""Values between Python and a driver, bent as the columns' types say, place by place."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Date
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from models.base import Instant

Bend = Callable[[Any], Any]


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
