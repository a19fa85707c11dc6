"""Cases in bulk: copies of one that was really played, written by SQL alone as `act` would have written them.

Each copy has an institution of its own and its own chain, hashed by the database. Only the answers of requests are
left out: a form is never sent again for a copied case.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from models import Base, Case, HistoryEntry, Institution
from models.core import table_of
from models.database import SQLITE_PRAGMAS, Database
from workflow.engine.history import chained
from workflow.rules.credit_code import mint

_entry = table_of(HistoryEntry)
OF_CASE = 't.id = (SELECT institution_id FROM "case" WHERE id = :like)'
FIRST = 100_000
"""Copies start here, so that their numbers need no padding."""


PORTION = 50_000
"""So many are committed at a time: the log of a million would fill a disk."""
ROOM = 2_000_000
"""KiB."""


def copies(database: Database, case_id: int, count: int) -> range:
    """`count` more cases like this one; their ids."""
    with database.read() as session:
        last = max(session.scalar(select(func.max(Case.id))) or 0, FIRST)
    ids = range(last + 1, last + 1 + count)
    for first in range(0, count, PORTION):
        with database.write() as session, _roomy(session.connection()):
            _copied(session.connection(), case_id, ids[first : first + PORTION])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return ids


@contextmanager
def _roomy(connection: Connection) -> Generator[None]:
    """On SQLite, with enough memory that the pages of no index are written out and read again row by row."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.execute(text(f"PRAGMA cache_size = -{ROOM}"))
    yield
    if sqlite:
        connection.execute(text(f"PRAGMA cache_size = {SQLITE_PRAGMAS['cache_size']}"))


def _copied(connection: Connection, case_id: int, ids: range) -> None:
    _believed(connection)
    _number(connection, ids)
    _chain(connection, case_id)
    _copy(connection, table_of(Institution), OF_CASE, case_id)
    _copy(connection, table_of(Case), "t.id = :like", case_id)
    for table in Base.metadata.sorted_tables:
        if "case_id" in table.c:
            _copy(connection, table, "t.case_id = :like", case_id)
    if connection.dialect.name != "sqlite":
        for name in ("case", "institution"):
            connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM \"{name}\"))"))
    for name in ("copied", "copied_hash"):
        connection.execute(text(f"DROP TABLE {name}"))


def _believed(connection: Connection) -> None:
    """What a copy refers to is there: where it may, the server does not look it up row by row, half of all its work."""
    if (
        connection.dialect.name != "sqlite"
        and connection.scalar(text("SELECT current_setting('is_superuser')")) == "on"
    ):
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def _number(connection: Connection, ids: range) -> None:
    """Who is copied to whom: the new case, its institution and that one's code."""
    first = (connection.scalar(select(func.max(Institution.id))) or 0) + 1
    rows = [(new, first + place, _code(first + place)) for place, new in enumerate(ids)]
    connection.execute(text("CREATE TEMP TABLE copied (id BIGINT PRIMARY KEY, institution_id BIGINT, code TEXT)"))
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.create_function("hashed", 1, _sha256, deterministic=True)
        cursor.executemany("INSERT INTO copied VALUES (?, ?, ?)", rows)
        return
    with cursor.copy("COPY copied FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _code(number: int) -> str:
    return mint("91411002", f"M{chr(ord('B') + number // 1_000_000)}{number % 1_000_000:06d}")


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _copy(connection: Connection, table: Table, where: str, case_id: int) -> None:
    told: dict[str, str] = {column.name: f't."{column.name}"' for column in table.c if column is not _numbered(table)}
    told |= {name: "c.id" for name in ("case_id",) if name in table.c}
    if "institution_id" in table.c:
        told["institution_id"] = "CASE WHEN t.institution_id IS NULL THEN NULL ELSE c.institution_id END"
    if table is table_of(Case):
        told |= {"id": "c.id", "number": "substr(t.number, 1, 8) || c.id"}
        told["head_hash"] = "(SELECT h.hash FROM copied_hash h WHERE h.id = c.id AND h.seq = t.version)"
    if table is table_of(Institution):
        told |= {"id": "c.institution_id", "credit_code": "c.code", "name": "t.name || c.id"}
    if table is _entry:
        told["hash"] = "(SELECT h.hash FROM copied_hash h WHERE h.id = c.id AND h.seq = t.seq)"
        told["prev_hash"] = "coalesce((SELECT h.hash FROM copied_hash h WHERE h.id = c.id AND h.seq = t.seq - 1), '')"
    if "key" in table.c:
        told["key"] = "c.id || substr(t.key, length(CAST(t.case_id AS text)) + 1)"
    columns, values = ", ".join(f'"{name}"' for name in told), ", ".join(told.values())
    into = f'INSERT INTO "{table.name}" ({columns}) SELECT {values} FROM "{table.name}" t CROSS JOIN copied c'
    connection.execute(text(f"{into} WHERE {where}"), {"like": case_id})


def _numbered(table: Table) -> Any:
    return None if table in (table_of(Case), table_of(Institution)) else table.autoincrement_column


def _chain(connection: Connection, case_id: int) -> None:
    """Entry by entry: the canonical text with the copy's number in it, hashed upon the hash before."""
    connection.execute(text("CREATE TEMP TABLE copied_hash (id BIGINT, seq BIGINT, hash TEXT, PRIMARY KEY (id, seq))"))
    hashed = "hashed({})" if connection.dialect.name == "sqlite" else "encode(sha256(convert_to({}, 'UTF8')), 'hex')"
    said = hashed.format("coalesce(p.hash, '') || :feed || :before || c.id || :after")
    link = f"INSERT INTO copied_hash SELECT c.id, :seq, {said} FROM copied c LEFT JOIN copied_hash p"
    query = select(_entry).where(_entry.c.case_id == case_id).order_by(_entry.c.seq)
    for entry in connection.execute(query).mappings().all():
        before, _, after = chained(dict(entry)).partition(f'"case_id":{case_id},')
        words = {"feed": "\n", "before": f'{before}"case_id":', "after": f",{after}", "seq": entry["seq"]}
        connection.execute(text(f"{link} ON p.id = c.id AND p.seq = :seq - 1"), words)
