"""A timer fires once, not before its time and not after it was called off; closing waits for what was in time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models import Incident, Timer
from tests.cast import CITY, World
from tests.engine.conftest import NewWorld
from workflow import calendar_notice, incidents
from workflow.engine import sweep
from workflow.engine.refusal import Refused
from workflow.rules.deadline import Deadline

NAME = "魏都示例甲人力资源有限公司"
MOMENT = timedelta(microseconds=1)
REPORT: dict[str, Any] = {"statement": "本年度依法经营，按时报送年度报告和统计，无违法违规。", "files": []}


@pytest.fixture
def case(world: World) -> int:
    """Its self-report is asked for, with a lapse armed."""
    return world.round()[1][NAME]


def lapse(world: World, case: int) -> Timer:
    with world.database.read() as session:
        return (
            session.scalars(
                select(Timer).where(Timer.case_id == case, Timer.kind == "lapse").order_by(Timer.id.desc())
            ).first()
            or Timer()
        )


def fire(world: World, timer: Timer) -> bool:
    with world.write() as session:
        return sweep.fire(session, timer, world.at) == "fired"


def test_a_timer_that_its_case_calls_off_while_a_notice_frees_it_stays_called_off(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = new_world("postgres")
    case = world.round()[1][NAME]
    found, found_by = lapse(world, case), calendar_notice.found_by
    with world.write() as session:
        unsure = {"status": "parked", "provisional": True}
        session.execute(update(Timer).where(Timer.id == found.id).values(**unsure))
        incident = Incident(kind="timer_failed", timer_id=found.id, subject="", opened_at=world.at)
        session.add(incident)

    def meanwhile(*asked: Any) -> Deadline:
        if lapse(world, case).status == "parked":
            world.do(case, "report", "clerk-0", **REPORT)
        return found_by(*asked)

    monkeypatch.setattr(calendar_notice, "found_by", meanwhile)
    with world.write() as session:
        calendar_notice._free(session, "国办发明电〔2026〕1号", world.at)
    assert lapse(world, case).status == "cancelled"
    with world.write() as session, pytest.raises(Refused, match="nothing_to_retry"):
        incidents.retry(session, incident.id, "再试一次", world.actor(f"{CITY}-handler"), world.at)


def test_a_timer_that_was_called_off_after_it_was_found_due_has_no_effect(world: World, case: int) -> None:
    found = lapse(world, case)
    world.do(case, "report", "clerk-0", **REPORT)
    before = world.case(case).version
    world.clock.to(found.fire_at)
    assert not fire(world, found)
    assert (world.case(case).state, world.case(case).version) == ("county_review", before)


def test_a_timer_fires_at_its_hour_not_before_and_only_once(world: World, case: int) -> None:
    found = lapse(world, case)
    world.clock.to(found.fire_at - MOMENT)
    assert not fire(world, found)
    world.clock.to(found.fire_at)
    assert fire(world, found)
    assert not fire(world, found)
    assert world.case(case).state == "county_review"


def test_a_publicity_is_closed_only_when_what_was_received_in_time_can_be_in(world: World) -> None:
    """Received a moment before 24:00, written minutes later: it still meets an open entry."""
    round_id, cases = world.round()
    case = cases[NAME]
    world.do(case, "report", "clerk-0", **REPORT)
    world.climb(case)
    world.do(world.notice(round_id, [case]), "publish", f"{CITY}-leader")
    ends = lapse(world, case).planned_at
    for late in (timedelta(0), timedelta(minutes=4)):
        world.clock.to(ends + late)
        world.sweep()
        assert world.case(case).state == "in_publicity"
    world.clock.to(ends + timedelta(minutes=6))
    world.sweep()
    assert world.case(case).state == "cleared"
