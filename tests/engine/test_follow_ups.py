"""A follow-up has a clock of its own: it reminds, climbs, is proved and recomputed beside the step's, and ends with
its task.

Confirmed on Monday 2026-03-09 the result is to be delivered within 5 working days, that day not counted: 10, 11, 12,
13 and 16 March.
"""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from models import OutboxMessage, Task, Timer
from tests.cast import CITY, World
from workflow import calendar_notice
from workflow.calendar_file import read
from workflow.engine import calendars
from workflow.engine.invariants import broken
from workflow.engine.load import facts_of
from workflow.engine.permissions import SYSTEM
from workflow.engine.queries import due
from workflow.engine.queries.proof import proof
from workflow.forecast import Silence, forecast

HANDLER = f"{CITY}-handler"
CONFIRMED = datetime(2026, 3, 9, 1, tzinfo=UTC)
STORM = """
document = "豫政办明电〔2026〕3号"
off = [{ name = "暴雪停工", day = 2026-03-13 }]
"""


@pytest.fixture
def case(world: World) -> int:
    """Confirmed by the city's leader, not yet delivered."""
    round_id, cases = world.round()
    case = next(iter(cases.values()))
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    world.climb(case)
    world.do(world.notice(round_id, [case]), "publish", f"{CITY}-leader")
    world.to(date(2026, 3, 9))
    world.do(case, "confirm", f"{CITY}-leader")
    return case


def clock(world: World, case: int, *status: str) -> list[tuple[str, datetime]]:
    with world.database.read() as session:
        own = (Timer.case_id == case, Timer.purpose == "deliver", Timer.status.in_(status))
        found = session.execute(select(Timer.kind, Timer.planned_at).where(*own).order_by(Timer.planned_at))
        return [(row.kind, row.planned_at) for row in found]


def told(world: World, case: int) -> list[tuple[str, str]]:
    with world.database.read() as session:
        own = (
            OutboxMessage.case_id == case,
            OutboxMessage.event.startswith("timer."),
            OutboxMessage.created_at > CONFIRMED,
        )
        found = session.execute(select(OutboxMessage.event, OutboxMessage.role).where(*own).order_by(OutboxMessage.id))
        return [(row.event.removeprefix("timer."), row.role) for row in found]


def test_a_delivery_is_reminded_of_before_and_on_its_last_day_and_then_climbs(world, case):
    assert clock(world, case, "armed") == [
        ("remind", datetime(2026, 3, 12, 1, tzinfo=UTC)),
        ("remind", datetime(2026, 3, 16, 1, tzinfo=UTC)),
        ("overdue", datetime(2026, 3, 16, 16, tzinfo=UTC)),
        ("escalate", datetime(2026, 3, 19, 1, tzinfo=UTC)),
    ]
    world.to(date(2026, 3, 13))
    assert told(world, case) == [("remind", "handler")]
    world.to(date(2026, 3, 16))
    assert told(world, case)[1:] == [("remind", "handler")]
    world.to(date(2026, 3, 17))
    assert told(world, case)[2:] == [("overdue", "handler"), ("overdue", "leader")]
    world.to(date(2026, 3, 19))
    assert told(world, case)[4:] == [("escalate", "handler"), ("escalate", "leader")]
    assert world.case(case).state == "effective"


def test_nothing_is_sent_about_a_delivery_that_is_done_and_the_grade_runs_on(world, case):
    world.do(case, "deliver", HANDLER, how="in_person")
    assert clock(world, case, "armed", "parked") == []
    before = told(world, case)
    world.to(date(2026, 3, 20))
    assert told(world, case) == before
    assert world.count(Timer, Timer.case_id == case, Timer.kind == "lapse", Timer.status == "armed") == 1


def test_an_institution_that_acknowledges_ends_the_clock_as_well(world, case):
    world.do(case, "acknowledge", "clerk-0")
    assert clock(world, case, "armed", "parked") == []


def test_a_delivery_has_its_own_proof_and_its_own_days_left(world, case):
    with world.database.read() as session:
        running = due.clocks(session, [case])[case, "deliver"]
        found, step = proof(session, case, world.today, running.id), proof(session, case, world.today)
    assert found and step
    assert [day.date.day for day in found.days if day.counted] == [10, 11, 12, 13, 16]
    assert (found.rule_key, found.due_on, step.rule_key) == ("deliver", date(2026, 3, 16), "validity")


def test_a_day_off_moves_the_delivery_and_leaves_the_grades_term(world, case):
    """Friday 13 March falls away: 17 March is the fifth working day."""
    with world.write() as session:
        notice = calendar_notice.propose(session, read(STORM, "notice.toml"), world.actor(HANDLER), world.at)
        calendar_notice.release(session, notice, world.actor(f"{CITY}-leader"), world.at)
    with world.database.read() as session:
        moved = [shift for shift in calendar_notice.shifts(session) if shift.case_id == case]
    assert [(one.purpose, one.old, one.new) for one in moved] == [("deliver", date(2026, 3, 16), date(2026, 3, 17))]
    before = world.case(case)
    assert [why for _, why in calendar_notice.apply_each(world.database, moved, lambda _: "moved", world.at)] == [None]
    after = world.case(case)
    assert (after.due_at, after.version) == (before.due_at, before.version + 1)
    with world.database.read() as session:
        task = session.scalars(select(Task).where(Task.case_id == case, Task.closed_at.is_(None))).one()
        running = due.clocks(session, [case])
        found = proof(session, case, world.today, running[case, "deliver"].id)
        assert broken(session) == []
    assert task.due_at == datetime(2026, 3, 17, 16, tzinfo=UTC)
    assert found and [turn.details["to"] for turn in found.turns] == ["2026-03-17"]
    assert running[case, "work"].status == "armed"


def test_a_case_in_force_foretells_what_it_still_owes(world, case):
    with world.database.read() as session:
        facts, clocks = facts_of(session, case, SYSTEM, world.at), due.clocks(session, [case])
        term, owed = clocks.pop((case, "work")), list(clocks.values())
        calendar = calendars.current(session)
        found = forecast(facts.machine, facts.levels, facts.full_state, term, owed, calendar, world.today)
    assert found and found.silence == [Silence(date(2026, 3, 16), follow_up="deliver")]
