"""What noise cannot move: how many statements an act sends, and that the hot queries walk their indexes."""

import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from sqlite3 import SQLITE_OK, SQLITE_TRANSACTION
from typing import Any

import pytest
from sqlalchemy import select

from bench.bare import counted
from bench.copies import copies
from models import Institution
from tests.cast import CITY, COUNTY, PROVINCE, World
from tests.fire.crowd import cases_of, lapse_reports, timer_of, unbroken
from workflow.engine import sweep
from workflow.engine.act import act
from workflow.engine.load import facts_of
from workflow.engine.queries import inbox, register, work
from workflow.engine.queries.inbox_counts import counts
from workflow.engine.queries.inbox_reach import Filters
from workflow.engine.queries.independence import recusals

MOST = {"sqlite": 14, "postgresql": 8}
"""Statements of one approval that stays at its level, BEGIN and COMMIT included: the limit of issue 7."""


@pytest.fixture
def case(world: World) -> int:
    return _reviewed(world)


def _reviewed(world: World) -> int:
    one = cases_of(world, world.round()[0])[0]
    lapse_reports(world, [one])
    world.climb(one, last="county")
    return one


def _kind(world: World) -> str:
    return world.database.engine.dialect.name


def _approved(world: World, case: int, login: str, role: str | None = None) -> list[str]:
    actor, at, key = world.actor(login, role), world.at, uuid.uuid4().hex
    asked = partial(act, form={"opinion": "同意。"}, request_id=key, at=at)
    with counted(world.database) as sent:
        world.database.alone(lambda session: asked(session, case, "agree", actor))
    return sent


def test_an_approval_sends_no_more_statements_than_it_did(world: World, case: int) -> None:
    steps = [(f"{CITY}-handler", None), (f"{CITY}-head", "section_head"), (f"{CITY}-leader", None)]
    steps += [(f"{PROVINCE}-handler", None), (f"{PROVINCE}-leader", None)]
    sent = [len(_approved(world, case, *who)) for who in steps]
    expected = {"sqlite": [12, 12, 15, 12, 17], "postgresql": [3, 3, 4, 3, 6]}[_kind(world)]
    assert sent == expected
    assert min(sent) <= MOST[_kind(world)]


def test_a_lapse_sends_no_more_statements_than_it_did(world: World) -> None:
    one = cases_of(world, world.round()[0])[0]
    timer = timer_of(world, one, "lapse")
    with counted(world.database) as sent:
        assert world.database.alone(lambda session: sweep.fire(session, timer, timer.fire_at)) == "fired"
    assert len(sent) <= {"sqlite": 15, "postgresql": 9}[_kind(world)]


def test_copied_cases_are_what_acts_would_have_left(world: World, case: int) -> None:
    copies(world.database, case, 50)
    unbroken(world)
    assert _approved(world, 100_010, f"{CITY}-handler")
    unbroken(world)


def test_the_hot_queries_walk_their_indexes(world: World, case: int) -> None:
    copies(world.database, case, 1000)
    reviewer, at = world.actor(f"{CITY}-handler"), world.at
    with counted(world.database) as asked, world.database.read() as session:
        sweep.due(session, at)
        found = inbox.listed(session, reviewer, "todo", Filters(), None, at)
        counts(session, reviewer, at)
        work.rows(session, reviewer, "todo", found.ids, at)
    asked += _approved(world, 100_010, f"{CITY}-handler")
    whole = [found for sql in asked for found in _read_whole(world, sql)]
    assert not whole


def test_sqlite_compiles_an_approval_and_an_institutions_page_once(new_world: Callable[[str], World]) -> None:
    """Where a value could make a partial index serve, it does so each time (`READY` in models/core.py)."""
    world = new_world("sqlite")
    ids, compiled = copies(world.database, _reviewed(world), 3), []
    with world.database.glance() as session:
        codes = session.scalars(select(Institution.credit_code).limit(3)).all()
        line: Any = session.connection().connection
        line.set_authorizer(lambda *asked: compiled.append(asked) or SQLITE_OK)
    for one, code in zip(ids, codes, strict=True):
        compiled.clear()
        _approved(world, one, f"{CITY}-handler")
        with world.database.glance() as page:
            register.institution(page, code, world.at)
    assert {what for what, *_ in compiled} <= {SQLITE_TRANSACTION}


def test_who_must_recuse_themselves_is_asked_once_for_a_page_and_is_what_each_case_says(
    world: World, case: int
) -> None:
    ids = copies(world.database, case, 20)
    for login in (f"{COUNTY}-leader", f"{COUNTY}-panel1", f"{CITY}-handler"):
        actor = world.actor(login)
        with world.database.read() as session:
            recusals(session, [case], actor, world.at)  # the policy has been read
            with counted(world.database) as asked:
                found = recusals(session, ids, actor, world.at)
            each = {one: facts_of(session, one, actor, world.at).barred for one in ids}
        assert len(asked) == 2
        assert found == {one: barred[actor.person_id] for one, barred in each.items() if actor.person_id in barred}


LARGE = ("task", "timer", "case", "history_entry", "decision", "institution", "outbox_message", "evaluation")


def _read_whole(world: World, sql: str) -> list[str]:
    """The large tables that the plan of a statement reads from end to end."""
    if not sql.startswith(("SELECT", "WITH", "UPDATE")):
        return []
    scanned = (_sqlite_scans if _kind(world) == "sqlite" else _postgres_scans)(world, sql)
    return [f"{table} in {sql[:200]}" for table in scanned if table in LARGE]


def _sqlite_scans(world: World, sql: str) -> list[str]:
    with world.database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
        lines = [row[3] for row in cursor.fetchall()]
    return [found[1] for line in lines if (found := re.search(r"SCAN (\w+)$", line))]


def _postgres_scans(world: World, sql: str) -> list[str]:
    """By the plan for any values, as of a prepared statement. An index without a condition is read whole."""
    place = iter(range(1, 1000))
    generic = re.sub(r"%\(\w+\)s|%s", lambda _: f"${next(place)}", sql).replace("%%", "%")
    with world.database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {generic}")
        ((plan,),) = cursor.fetchall()
    reads = [
        one for one in _nodes(plan[0]["Plan"]) if one["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan")
    ]
    return [one["Relation Name"] for one in reads if "Index Cond" not in one]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)
