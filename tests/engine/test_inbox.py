"""Lists of work at any length: every row once, in order, both ways; counts stop; each page walks an index."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from models import Task, Timer
from models.core import table_of
from tests.cast import COUNTY, World
from workflow.engine.queries import inbox, work
from workflow.engine.queries.inbox import PAGE, Found, Mark
from workflow.engine.queries.inbox_counts import Counts, counts
from workflow.engine.queries.inbox_reach import MOST, SPELLS, Filters, Scope

NAME = "魏都示例甲人力资源有限公司"
HANDLER = f"{COUNTY}-handler"
MINUTES = [None, 0, 0, -90, 5, 5, 5, 300, 60 * 24 * 3, None]
"""When the extra tasks run out, from now; many at the same instant, some never."""


@pytest.fixture
def case(world: World) -> int:
    case_id = world.round()[1][NAME]
    world.do(case_id, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。", files=[])
    return case_id


def fill(world: World, case_id: int, number: int, **changes: Any) -> None:
    """More tasks of the county's handlers, as the case has one."""
    table = table_of(Task)
    with world.write() as session:
        one = select(table).where(table.c.case_id == case_id, table.c.closed_at.is_(None)).order_by(table.c.id).limit(1)
        like = {**session.execute(one).mappings().one(), **changes}
        like.pop("id")
        ends = [MINUTES[place % len(MINUTES)] for place in range(number)]
        due = [None if end is None else world.at + timedelta(minutes=end) for end in ends]
        session.execute(insert(table), [{**like, "due_at": at} for at in due])


def page(world: World, mark: Mark | None = None, scope: Scope = "todo", **filters: Any) -> Found:
    with world.database.read() as session:
        return inbox.listed(session, world.actor(HANDLER), scope, Filters(**filters), mark, world.at)


def dues(world: World, ids: list[int]) -> list[tuple[bool, datetime | None, int]]:
    with world.database.read() as session:
        found = {task.id: task.due_at for task in session.scalars(select(Task).where(Task.id.in_(ids)))}
    return [(found[id] is None, found[id], id) for id in ids]


def test_the_pages_hold_every_task_once_the_most_urgent_first_and_walk_back_alike(world: World, case: int) -> None:
    fill(world, case, 3 * PAGE + 7)
    forth = [page(world)]
    while forth[-1].later:
        forth.append(page(world, forth[-1].later))
    ids = [id for one in forth for id in one.ids]
    assert len(ids) == len(set(ids)) == 3 * PAGE + 8 == forth[0].total
    rows = dues(world, ids)
    assert rows == sorted(rows, key=lambda row: (row[0], row[1] or world.at, row[2]))
    back = [forth[-1]]
    while back[-1].earlier:
        back.append(page(world, back[-1].earlier))
    assert [one.ids for one in back] == [one.ids for one in reversed(forth)]


def test_a_page_keeps_its_place_while_work_is_done_before_it(world: World, case: int) -> None:
    fill(world, case, 2 * PAGE)
    first = page(world)
    with world.write() as session:
        for task in session.scalars(select(Task).where(Task.id.in_(first.ids[:10]))):
            task.closed_at = world.at
    second = page(world, first.later)
    assert not set(second.ids) & set(first.ids) and len(second.ids) == PAGE


def test_counts_stop_at_a_thousand_and_tell_late_from_today_and_this_week(world: World, case: int) -> None:
    """At noon on Monday 2 March: 20 of 100 have no end, 20 end now and 10 ended before, 40 today, 10 on Thursday."""
    world.clock.to_local(world.today, 12)
    fill(world, case, 100)
    with world.database.read() as session:
        own = counts(session, world.actor(HANDLER), world.at)
    assert own == Counts(todo=101, overdue=30, today=40, week=50, office=101)
    fill(world, case, 1200)
    with world.database.read() as session:
        many = counts(session, world.actor(HANDLER), world.at)
    assert (many.todo, many.overdue, many.office) == (MOST, 390, MOST)


def test_counts_are_whole_where_colleagues_hold_the_most_urgent(world: World, case: int) -> None:
    """A thousand are gone through. Of these a colleague has 999: what is free lies behind them."""
    other = world.actor(f"{COUNTY}-handler2").person_id
    world.clock.to_local(world.today, 12)
    fill(world, case, 4)  # none ends; one ends now, one at two, one at three and one has ended
    fill(world, case, 999, step="theirs")
    before = world.at - timedelta(days=1)
    with world.write() as session:
        theirs = update(Task).where(Task.step == "theirs")
        session.execute(theirs.values(person_id=other, claimed_at=before, due_at=before, seq=1000 + Task.id))
    with world.database.read() as session:
        found = counts(session, world.actor(HANDLER), world.at)
        alone = [len(page(world, due=spell).ids) for spell in SPELLS]
    assert found == Counts(todo=5, overdue=alone[0], today=alone[1], week=alone[2], office=MOST)
    assert sum(alone) > 0


def test_work_that_a_colleague_signed_for_is_the_offices_and_not_mine(world: World, case: int) -> None:
    other = world.actor(f"{COUNTY}-handler2").person_id
    fill(world, case, 1, person_id=other, claimed_at=world.at, seq=900)
    assert (page(world).total, page(world, scope="office").total) == (1, 2)


def test_a_follow_up_is_late_by_its_own_end_and_not_by_its_cases(world: World, case: int) -> None:
    """Ended on Friday 27 February 2026; Saturday the 28th made up for the Spring Festival: on Monday two days late."""
    with world.write() as session:
        end = world.at - timedelta(hours=57)
        mine = update(Task).where(Task.case_id == case, Task.closed_at.is_(None))
        session.execute(mine.values(purpose="deliver", due_at=end))
        clock = update(Timer).where(Timer.case_id == case, Timer.status == "armed", Timer.kind == "overdue")
        session.execute(clock.values(purpose="deliver", planned_at=end, due_on=date(2026, 2, 27)))
    with world.database.read() as session:
        (row,) = work.rows(session, world.actor(HANDLER), "todo", page(world, due="over").ids, world.at)
    assert row.left and (row.left.state, row.left.late, row.left.due_on) == ("over", 2, date(2026, 2, 27))


def test_a_designated_person_finds_the_work_of_another_office_among_their_own(world: World, case: int) -> None:
    me = world.actor(HANDLER).person_id
    with world.write() as session:
        mine = update(Task).where(Task.case_id == case, Task.closed_at.is_(None))
        session.execute(mine.values(role="leader", designated=True, person_id=me))
    assert page(world).total == 1
    with world.database.read() as session:
        rows = work.rows(session, world.actor(HANDLER), "todo", page(world).ids, world.at)
    assert [row.name for row in rows] == [NAME]


@pytest.mark.parametrize("scope", ["todo", "office", "done", "started"])
def test_every_list_is_read_along_its_index_and_never_sorted(new_world: Any, scope: Scope) -> None:
    world = new_world("sqlite")
    asked: list[tuple[str, Any]] = []
    event.listen(
        world.database.engine, "before_cursor_execute", lambda c, k, sql, values, *_: asked.append((sql, values))
    )
    page(world, Mark(None if scope == "started" else world.at, 7), scope)
    lists = [(sql, values) for sql, values in asked if "ORDER BY" in sql and "moment" in sql]
    with world.database.engine.connect() as connection:
        plans = [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values))]
            for sql, values in lists
        ]
    assert plans
    for plan in plans:
        assert not any("TEMP B-TREE" in step or step.startswith("SCAN task") for step in plan), plan
        assert any("USING" in step and "INDEX ix_" in step for step in plan), plan
