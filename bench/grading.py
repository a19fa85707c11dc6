"""Grading a province's institutions under the conditions of a policy, beside the same statement on the driver."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, event, select, text

from bench.bare import Driver
from bench.copies import copies
from bench.measure import Figure, Row
from bench.site import kind_of, opened
from models import ArchiveRecord, Institution
from models.core import table_of
from workflow.demo.play import Play
from workflow.rules import grading
from workflow.rules.policy import load

POLICY = "xuchang-2023"
RECORDS = 5
ROW = Row("grading", "s", "bare SQL, the same statement", 4, 2.5, "lower")


def measure(play: Play, rounds: int, size: int) -> Iterator[Figure]:
    opened_case, on = opened(play), play.today
    copies(play.database, opened_case, size - 1)
    archive(play, on, RECORDS)
    rules, everybody = load(POLICY), select(Institution.id).order_by(Institution.id)
    with play.database.read() as session:
        asked = _asked(session.connection(), lambda c: grading.grade_many(c, rules, everybody, on))
    driver = Driver(play.database)
    ours, bare = [], []
    for _ in range(rounds):
        with play.database.read() as session:
            began = time.perf_counter()
            graded = grading.grade_many(session.connection(), rules, everybody, on)
            ours.append(time.perf_counter() - began)
        if len(graded) != size:
            raise RuntimeError(f"{len(graded)} of {size} graded")
        began = time.perf_counter()
        for sql, values in asked:
            driver.rows(sql, values)
        bare.append(time.perf_counter() - began)
    driver.close()
    yield ROW.figure(kind_of(play), ours, bare)


def archive(play: Play, on: date, records: int) -> None:
    """Records of every institution, kinds and days dealt out by its number."""
    kinds = sorted(load(POLICY).record_kinds)
    with play.database.write() as session:
        ids = list(session.scalars(select(Institution.id).order_by(Institution.id)))
        rows = [_record(id, number, kinds, on, play) for id in ids for number in range(records)]
        session.execute(table_of(ArchiveRecord).insert(), rows)
    with play.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _record(institution: int, number: int, kinds: list[str], on: date, play: Play) -> dict[str, Any]:
    return {
        "institution_id": institution,
        "kind": kinds[(institution * 7 + number * 3) % len(kinds)],
        "summary": "示例记录",
        "acted_on": date.fromordinal(on.toordinal() - 30 - (institution * 13 + number * 101) % 700),
        "finding_authority": "示例单位",
        "evidence": "示例材料",
        "created_at": play.clock(),
    }


def _asked(connection: Connection, verb: Any) -> list[tuple[str, Any]]:
    """The statements of a grading, as the driver gets them."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        found.append((sql, values))

    event.listen(connection, "before_cursor_execute", note)
    verb(connection)
    event.remove(connection, "before_cursor_execute", note)
    return found
