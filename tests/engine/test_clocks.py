"""One instant for every node, whatever their hosts and time zones say; and no clock that jumps moves a legal day."""

import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from models import HistoryEntry, Timer
from tests.cast import CITY, COUNTY, World
from tests.web import client_for, without_token
from views.clocks import clock_of, host_clock
from workflow.clock import legal_day
from workflow.engine.queries.proof import as_json, proof
from workflow.scheduler import run_all_due

NAME = "魏都示例甲人力资源有限公司"
WRONG = timedelta(minutes=10)


def lapse(world: World, case: int) -> Timer:
    with world.database.read() as session:
        return session.scalars(select(Timer).where(Timer.case_id == case, Timer.kind == "lapse")).one()


@contextmanager
def host_off_by(span: timedelta) -> Generator[None]:
    with time_machine.travel(datetime.now(UTC) + span, tick=True):
        yield


@pytest.mark.postgres
def test_two_nodes_whose_hosts_are_twenty_minutes_apart_agree(new_world: Callable[[str], World]) -> None:
    """A timer that is due in five minutes is not fired by the node that is fast, and one that is due by the slow."""
    world = new_world("postgres")
    node = clock_of(world.database)
    with host_off_by(WRONG):
        fast, fast_host = node(), host_clock()
    with host_off_by(-WRONG):
        slow, slow_host = node(), host_clock()
    assert fast_host - slow_host > timedelta(minutes=19)
    assert timedelta(0) <= slow - fast < timedelta(minutes=1)
    case = world.round()[1][NAME]
    timer = lapse(world, case)

    def due(at: datetime) -> None:
        with world.write() as session:
            one = update(Timer).where(Timer.id == timer.id)
            session.execute(one.values(planned_at=at, fire_at=at))
            session.execute(update(Timer).where(Timer.id != timer.id).values(status="cancelled"))

    due(node() + timedelta(minutes=5))
    with host_off_by(WRONG):
        assert run_all_due(world.database, node) == 0
    due(node() - timedelta(seconds=1))
    with host_off_by(-WRONG):
        assert run_all_due(world.database, node) == 1
    assert world.case(case).state == "county_review"


def test_sqlite_has_no_other_clock_than_its_host(new_world: Callable[[str], World]) -> None:
    assert clock_of(new_world("sqlite").database) is host_clock


@contextmanager
def server_in(zone: str) -> Generator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def told(world: World) -> bytes:
    """A publicity with everything that anybody is told about its days."""
    round_id, cases = world.round()
    case = cases[NAME]
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    world.climb(case)
    world.to(date(2026, 3, 16), 23)  # the last hour of the legal day: in UTC another hour, in New York another day
    notice = world.notice(round_id, [case])
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(date(2026, 3, 21))
    with world.database.read() as session:
        timers = session.execute(
            select(Timer.kind, Timer.started_on, Timer.due_on, Timer.planned_at, Timer.fire_at).order_by(Timer.id)
        ).all()
        acts = session.execute(select(HistoryEntry.move, HistoryEntry.at, HistoryEntry.details)).all()
        found = proof(session, notice, world.today)
        assert found
        shown = [json.dumps(as_json(found, {}), ensure_ascii=False), repr(timers), repr([tuple(act) for act in acts])]
    page = without_token(client_for(world).get(f"/notices/{world.case(notice).number}").text.partition("<main")[2])
    card = client_for(world, f"{COUNTY}-handler").get(f"/cases/{world.case(case).number}/proof?format=pdf").data
    return "\n".join([*shown, page]).encode() + card


def test_the_servers_time_zone_changes_not_a_byte(new_world: Callable[[str], World]) -> None:
    found = []
    for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
        with server_in(zone):
            found.append(told(new_world("sqlite")))
    assert b"2026-03-20" in found[0]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(minutes=-5)])
def test_a_clock_that_jumps_at_the_due_instant_changes_nothing_that_is_due_by_law(
    new_world: Callable[[str], World], jump: timedelta
) -> None:
    """The report's period ends with 16 March. Whenever the lapse is written, it is the 16th that ended."""
    world = new_world("sqlite")
    case = world.round()[1][NAME]
    timer = lapse(world, case)
    due = timer.fire_at
    world.clock.to(due - timedelta(seconds=1))
    world.sweep()
    assert world.case(case).state == "self_report"
    world.clock.to(due + jump)
    world.sweep()
    assert world.case(case).state == ("self_report" if jump < timedelta(0) else "county_review")
    world.clock.to(due)  # the clock is set right again
    world.sweep()
    world.clock.to(due + timedelta(days=1))
    world.sweep()
    with world.database.read() as session:
        entry = session.scalars(
            select(HistoryEntry).where(HistoryEntry.case_id == case, HistoryEntry.move == "lapse")
        ).one()
    assert entry.details["timer"]["due"] == "2026-03-16"
    assert lapse(world, case).due_on == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(1988, 7, 1, 14, 59, tzinfo=UTC), date(1988, 7, 1)),
        (
            datetime(1988, 7, 1, 15, 0, tzinfo=UTC),
            date(1988, 7, 2),
        ),  # summer time, 1986 to 1991
        (datetime(1992, 7, 1, 15, 0, tzinfo=UTC), date(1992, 7, 1)),
        (datetime(1992, 7, 1, 16, 0, tzinfo=UTC), date(1992, 7, 2)),
    ],
)
def test_a_day_of_the_years_of_summer_time_is_the_day_that_was_lived(instant: datetime, day: date) -> None:
    """Acts of that time are still on file."""
    assert legal_day(instant) == day
