"""The revisions build what the models say, on both databases, and the triggers hold against plain SQL."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import Column, inspect, text
from sqlalchemy.exc import IntegrityError

from models import Base, schema
from models.base import CanonicalJson, Instant
from models.database import Database
from tests.stages import Stages

INSTANT = datetime(2026, 1, 5, 1, tzinfo=UTC)
DAY = date(2026, 1, 5)
EXAMPLES = {
    "authority": {"level": "county"},
    "policy": {},
    "person": {},
    "case": {"state": "county_review", "step": "handler", "version": 1},
    "history_entry": {},
    "decision": {},
    "material": {},
    "document": {"cause": "answer:1"},
    "delivery": {},
    "seal": {},
    "deed": {},
}


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    opened = Database(empty_database)
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, stages: Stages, tmp_path: Path) -> Iterator[Database]:
    """A copy of a migrated database with one row in each table of interest."""
    if request.param == "sqlite":
        url = f"sqlite:///{copy(stages.file('rows', _fill), tmp_path)}"
    else:
        url = stages.server().fresh_database(template=stages.template("rows", _fill))
    opened = Database(url)
    yield opened
    opened.close()


def _fill(database: Database) -> None:
    """Every column that must have a value gets an example of its type."""
    with database.write() as session:
        for name, values in EXAMPLES.items():
            columns = Base.metadata.tables[name].columns
            examples = {column.name: _example(column) for column in columns if not column.nullable}
            session.execute(Base.metadata.tables[name].insert().values({**examples, **values}))


def _example(column: Column) -> object:
    match column.type:
        case Instant():
            return INSTANT
        case CanonicalJson():
            return {"x": 1}
        case other:
            return {str: "x", int: 1, date: DAY, bool: False}[other.python_type]


def test_the_revisions_build_exactly_what_the_models_declare(database: Database) -> None:
    assert schema.current(database) == schema.head()
    assert schema.drift(database) == []
    schema.upgrade(database)


def test_every_check_and_every_partial_index_is_in_the_revisions(database: Database) -> None:
    migrated = _fine_print(database)
    schema.downgrade(database)
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    Base.metadata.create_all(database.engine)
    assert migrated == _fine_print(database)


def test_a_table_is_replaced_under_the_rows_that_refer_to_it(filled: Database) -> None:
    """Down and up again over a revision that changes a table with rows: they stay, and so do its triggers."""
    schema.downgrade(filled, "0021")
    schema.upgrade(filled)
    with filled.read() as session:
        rows = "SELECT document.case_id FROM delivery JOIN document ON document.id = delivery.document_id"
        assert session.scalars(text(rows)).all() == [1]
        assert schema.standing_guards(session.connection()) == schema.guards()
    assert schema.drift(filled) == []


def _fine_print(database: Database) -> list[tuple[str, list[str], list[str]]]:
    look = inspect(database.engine)
    return [
        (
            table,
            sorted(f"{check['name']}: {check['sqltext']}" for check in look.get_check_constraints(table)),
            sorted(f"{index['name']} {_where(index)}" for index in look.get_indexes(table)),
        )
        for table in sorted(Base.metadata.tables)
    ]


def _where(index: Mapping) -> str:
    return " ".join(str(value) for name, value in index["dialect_options"].items() if name.endswith("where"))


REFUSED = (
    "UPDATE history_entry SET move = 'other'",
    "DELETE FROM history_entry",
    "UPDATE decision SET voice = 'return'",
    "DELETE FROM decision",
    "UPDATE material SET content = '{}'",
    "UPDATE material SET hash = 'other'",
    "DELETE FROM material",
    "UPDATE document SET body = 'other'",
    "UPDATE document SET hash = 'other'",
    "DELETE FROM document",
    "UPDATE seal SET root = 'other'",
    "DELETE FROM seal",
    "UPDATE deed SET details = '{}'",
    "DELETE FROM deed",
    "UPDATE \"case\" SET state = 'city_review'",
    "UPDATE \"case\" SET step = 'leader'",
    "UPDATE \"case\" SET state = 'city_review', version = version + 2",
    'UPDATE "case" SET version = version - 1',
)


def test_the_triggers_refuse_what_the_engine_never_does(filled: Database) -> None:
    for statement in REFUSED:
        with pytest.raises(IntegrityError), filled.write() as session:
            session.execute(text(statement))


APPENDED = ("history_entry", "decision", "material", "document", "seal", "deed")


@pytest.mark.parametrize("table", APPENDED)
def test_no_row_is_pushed_out_by_another_and_no_table_emptied(filled: Database, table: str) -> None:
    """What a delete trigger does not see: REPLACE on SQLite, TRUNCATE on PostgreSQL."""
    columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].columns)
    replace = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"
    around = replace if filled.is_sqlite else f"TRUNCATE {table} CASCADE"
    with pytest.raises(IntegrityError), filled.write() as session:
        session.execute(text(around))
    with filled.read() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 1


def test_the_triggers_let_a_move_and_a_plain_change_pass(filled: Database) -> None:
    with filled.write() as session:
        session.execute(text("UPDATE \"case\" SET state = 'city_review', step = 'leader', version = version + 1"))
        session.execute(text("UPDATE \"case\" SET due_at = '2026-02-01 00:00:00'"))
        session.execute(text("UPDATE \"case\" SET material_hash = 'm', version = version + 1"))
    with filled.read() as session:
        assert session.scalar(text('SELECT version FROM "case"')) == 3
