"""The declarative base, and the column types that refuse what the databases would quietly bend."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, MetaData, String, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Naive values are refused: SQLite would drop the offset and give back another moment."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive instant refused: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else utc(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """SQLite's text at once: a page reads hundreds."""
        return _read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def utc(value: datetime) -> datetime:
    """An instant as read from a database: without an offset it is UTC already."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
"""The one JSON text of a value (sorted keys, no spaces, real characters), equal on every database."""


class CanonicalJson(TypeDecorator[Any]):
    """JSON kept as its canonical text, so that what was hashed is what is stored, byte for byte."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class RepeatedJson(CanonicalJson):
    """For reading lists whose rows say the same again and again: each text is parsed once, and nobody changes it."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _parsed


@lru_cache(maxsize=1024)
def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


# SQLite only numbers rows by itself in a plain INTEGER primary key.
BigId = BigInteger().with_variant(Integer, "sqlite")

Key = Annotated[int, mapped_column(BigId, primary_key=True)]
Name = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(64))]
Digest = Annotated[str, mapped_column(String(128))]


def only(condition: str, holds: str = "") -> dict[str, Any]:
    """The part of a table that an index is about: rows that meet a condition and (`holds`) have a value in a column.

    A row that an index leaves out costs it neither a write nor a page.
    """
    clause = text(" AND ".join(filter(None, (condition, holds and f"{holds} IS NOT NULL"))))
    return {"sqlite_where": clause, "postgresql_where": clause}


def to(target: str) -> ForeignKey:
    """A reference to another table's row; rows that are referred to cannot be deleted."""
    return ForeignKey(target, ondelete="RESTRICT")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: CanonicalJson, list[Any]: CanonicalJson, int: BigId}
