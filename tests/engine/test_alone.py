"""An act on PostgreSQL that stands alone: no transaction, no lock, and still as if one came after the other."""

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from models import Appointment, Case, HistoryEntry, Incident, Task, Timer
from models.lines import NeedsTransaction
from tests.cast import COUNTY, World
from tests.engine.conftest import NewWorld
from tests.fire.crowd import Job, attempt, cases_of, interleaved, timer_of, unbroken
from workflow.engine import sweep, sync, tasks
from workflow.engine.act import Outcome, act
from workflow.engine.load import family, locked
from workflow.engine.refusal import Refused
from workflow.scheduler import run_due
from workflow.staffing import end_post

SECOND_BEFORE, DAY = timedelta(seconds=1), timedelta(days=1)
REPORT = "本机构已按要求完成自查，承诺事项均已履行，材料真实。"
HANDLER, SECOND = f"{COUNTY}-handler", f"{COUNTY}-handler2"


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world("postgres")


@pytest.fixture
def case_id(world: World) -> int:
    """An evaluation whose self-report is in: the county handler's turn."""
    one = cases_of(world, world.round()[0])[0]
    world.do(one, "report", "clerk-0", statement=REPORT)
    return one


def proposed(world: World, case_id: int, login: str, key: str = "", seen: int | None = None) -> Callable[[], Outcome]:
    asked = partial(act, request_id=key or uuid.uuid4().hex, at=world.at, seen_version=seen)
    actor = world.actor(login)
    return lambda: world.database.alone(lambda session: asked(session, case_id, "propose", actor))


def overtaken(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """The first has decided when the second comes, and is done before the first writes."""
    return interleaved("after decide", first, second, patience=10)


def come(world: World) -> Timer:
    """The lapse of a self-report, its hour come and its reminders given."""
    lapse = timer_of(world, cases_of(world, world.round()[0])[0], "lapse")
    world.clock.to(lapse.fire_at - SECOND_BEFORE)
    world.sweep()
    world.clock.to(lapse.fire_at)
    return lapse


def firing(world: World, timer: Timer) -> Callable[[], str]:
    return lambda: world.database.alone(lambda session: sweep.fire(session, timer, world.at))


def test_who_was_overtaken_by_a_colleague_is_told_who(world: World, case_id: int) -> None:
    seen = world.case(case_id).version
    late, won = overtaken(*(proposed(world, case_id, login, seen=seen) for login in (HANDLER, SECOND)))
    assert isinstance(won, Outcome)
    assert (late.reason, late.details["who"]) == ("stale", world.actor(SECOND).name)
    assert world.case(case_id).version == won.version
    unbroken(world)


def test_work_that_a_colleague_has_claimed_meanwhile_is_not_done_by_another(world: World, case_id: int) -> None:
    """A claim changes no column of the case, but the case has been touched."""

    def claim() -> None:
        with world.write() as session:
            task = session.scalars(select(Task.id).where(Task.case_id == case_id, Task.closed_at.is_(None))).one()
            tasks.claim(session, task, world.actor(SECOND), world.at)

    before = world.count(HistoryEntry)
    late, _ = overtaken(proposed(world, case_id, HANDLER), claim)
    assert isinstance(late, Refused)
    assert late.reason == "claimed_by_other"
    assert world.count(HistoryEntry) == before
    unbroken(world)


def test_a_form_sent_twice_at_once_has_one_effect_and_the_same_answer(world: World, case_id: int) -> None:
    twice = proposed(world, case_id, HANDLER, "a" * 32)
    late, first = overtaken(twice, twice)
    assert isinstance(first, Outcome)
    assert late == first
    assert world.case(case_id).version == first.version


def test_a_form_that_was_answered_for_another_case_meanwhile_changes_nothing(world: World, case_id: int) -> None:
    other = next(one for one in cases_of(world, world.case(case_id).round_id or 0) if one != case_id)
    world.do(other, "report", "clerk-1", statement=REPORT)
    before = world.case(case_id).version
    late, first = overtaken(*(proposed(world, one, HANDLER, "a" * 32) for one in (case_id, other)))
    assert isinstance(first, Outcome)
    assert late.reason == "request_reused"
    assert world.case(case_id).version == before
    unbroken(world)


def test_whose_post_ends_while_somebody_holds_the_case_does_not_act(world: World, case_id: int) -> None:
    """What was read before a lock is waited for counts no more after it."""
    actor, decided = world.actor(HANDLER), threading.Event()
    acting = Job(lambda: attempt(proposed(world, case_id, HANDLER)))
    sync.install(lambda point: decided.set() if point == "after decide" else None)
    try:
        with world.database.engine.connect() as holder:
            holder.execute(select(Case.id).where(Case.id == case_id).with_for_update())
            acting.start()
            assert decided.wait(10)
            with world.write() as session:
                end_post(session, session.get_one(Appointment, actor.appointment_id), world.today - DAY, world.today)
    finally:
        sync.install(None)
    assert acting.answer().reason == "post_ended"


def test_a_lapse_of_a_case_that_somebody_holds_keeps_no_scheduler_waiting(world: World) -> None:
    lapse = come(world)
    waiting = Job(firing(world, lapse))
    with world.database.engine.connect() as holder:
        holder.execute(select(Case.id).where(Case.id == lapse.case_id).with_for_update())
        waiting.start()
        assert waiting.answer(10) == "held"


def test_what_changes_rows_before_the_end_or_holds_a_lock_needs_a_transaction(world: World, case_id: int) -> None:
    clerk = world.actor("clerk-0")
    again = cases_of(world, world.round(year=2027)[0])[0]
    form = {"statement": "材料一式一份，附于本报告之后，请予核实并按期评定。", "files": []}
    verbs: list[Callable[[Any], object]] = [
        lambda session: act(session, again, "report", clerk, form=form, request_id="b" * 32, at=world.at),
        lambda session: locked(session, case_id),
        lambda session: session.add(Incident(kind="x", subject="x", opened_at=world.at)),
    ]
    for verb in verbs:
        with pytest.raises(NeedsTransaction), world.database._lines.alone({}) as session:
            verb(session)
    assert world.count(Incident) == 0
    assert world.case(again).version == 1


def test_only_a_case_that_hangs_together_with_no_other_stands_alone(world: World, case_id: int) -> None:
    round_id = world.case(case_id).round_id
    world.climb(case_id)
    with world.database._lines.alone({}) as session:
        assert family(session, case_id).keys() == {case_id}
    notice = world.notice(round_id or 0, [case_id])
    for one in (notice, case_id):
        with pytest.raises(NeedsTransaction), world.database._lines.alone({}) as session:
            family(session, one)


def test_a_move_does_not_call_off_the_reminder_that_another_scheduler_is_giving(world: World) -> None:
    """Killed, the other would not give it; so its case is left alone as long as it holds it."""
    case_id = cases_of(world, world.round()[0])[0]
    lapse = timer_of(world, case_id, "lapse")
    with world.database.read() as session:
        known = select(Timer).where(Timer.case_id == case_id, Timer.kind == "remind").order_by(Timer.fire_at)
        reminder = session.scalars(known).all()[-1]
    world.clock.to(reminder.fire_at - SECOND_BEFORE)
    world.sweep()
    world.clock.to(lapse.fire_at)

    class Killed(Exception):
        pass

    with suppress(Killed), world.write() as held:
        assert sweep.fire(held, reminder, world.at) == "fired"
        assert firing(world, lapse)() == "held"
        raise Killed
    assert world.count(Timer, Timer.id == reminder.id, Timer.status == "armed") == 1
    while run_due(world.database, world.clock):
        pass
    assert world.count(Timer, Timer.id == reminder.id, Timer.status == "fired") == 1


def test_two_schedulers_at_one_lapse_fire_it_once(world: World) -> None:
    fire = firing(world, come(world))
    assert sorted(overtaken(fire, fire)) == ["fired", "gone"]
    assert attempt(fire) == "gone"
    unbroken(world)
