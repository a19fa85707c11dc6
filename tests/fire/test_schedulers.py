"""Any number of schedulers, killed at any time: every timer fires once, none early, and no bad one delays the rest."""

import gc
import os
import signal
import time
import warnings
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pytest
from sqlalchemy import select, update

from models import Case, HistoryEntry, Incident, Timer
from tests.cast import World
from tests.engine.conftest import NewWorld
from tests.fire.clones import clones
from tests.fire.conftest import Size
from tests.fire.crowd import cases_of, timer_of, together, unbroken
from workflow.engine import sweep, sync
from workflow.engine.sweep import TRIES
from workflow.scheduler import run_all_due, run_due

MOMENT = 0.15
"""Seconds between two kills."""


def test_killed_schedulers_fire_every_timer_once_and_none_early(world: World, size: Size) -> None:
    """Each case has a reminder, another on the last day, and the lapse of its self-report."""
    many, nodes = size((300, 3), (20_000, 8)) if not world.database.is_sqlite else size((150, 2), (2_000, 2))
    like, *_ = cases_of(world, world.round()[0])
    cases = [like, *clones(world, like, many // 3 - 1)]
    lapse = timer_of(world, like, "lapse")
    early = clones(world, like, 5)
    with world.write() as session:
        later = {"planned_at": lapse.planned_at + timedelta(days=1), "fire_at": lapse.fire_at + timedelta(days=1)}
        session.execute(update(Timer).where(Timer.case_id.in_(early), Timer.kind == "lapse").values(**later))
    world.clock.to(lapse.fire_at)
    waiting, spare = _due(world), Random(many)
    assert waiting >= many
    run_due(world.database, world.clock, limit=6)  # so that the processes find machines and statements compiled
    gc.freeze()  # nor copy, by looking it over, what they share with this one
    running, kills, began = [_node(world) for _ in range(nodes)], 0, time.monotonic()
    try:
        while _due(world) and time.monotonic() - began < size(60, 1800):
            time.sleep(MOMENT)
            _kill(running.pop(spare.randrange(nodes)))
            kills += 1
            running.append(_node(world))
    finally:
        gc.unfreeze()
        for process in running:
            _kill(process)
    assert _due(world) == 0
    assert kills > size(0, 20)
    assert world.count(Timer, Timer.status == "fired") == waiting
    assert world.count(Timer, Timer.attempts > 0) == 0
    lapsed = world.count(Timer, Timer.status == "fired", Timer.kind == "lapse")
    assert lapsed > len(cases) and world.count(HistoryEntry, HistoryEntry.move == "lapse") == lapsed
    assert world.count(Timer, Timer.case_id.in_(early), Timer.kind == "lapse", Timer.status == "armed") == len(early)
    unbroken(world)


def _due(world: World) -> int:
    return world.count(Timer, Timer.status == "armed", Timer.fire_at <= world.at)


def _node(world: World) -> int:
    """A scheduler process of its own; its number."""
    world.database.close()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads of the test run do not matter to the child
        child = os.fork()
    if child:
        return child
    try:
        while os.getppid() == parent:  # never outlives a test run that was itself killed
            run_all_due(world.database, world.clock)
            time.sleep(0.02)
    finally:
        os._exit(1)


def _kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def test_what_a_killed_scheduler_held_is_done_before_what_comes_after_it(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reminder whose holder dies is given before the lapse that would call it off."""
    world = new_world("postgres")
    monkeypatch.setattr("workflow.scheduler.SHARES", 1)
    case, *_ = cases_of(world, world.round()[0])
    world.clock.to(timer_of(world, case, "lapse").fire_at)
    mine = (Timer.case_id == case, Timer.fire_at <= world.at)
    owed = world.count(Timer, *mine, Timer.status == "armed")
    holder = world.database.engine.connect()
    holder.execute(select(Case.id).where(Case.id == case).with_for_update())
    tries = count(1)

    def dies(point: str) -> None:
        if point == "before lock" and next(tries) == 2:
            holder.close()

    sync.install(dies)
    try:
        run_due(world.database, world.clock)
    finally:
        sync.install(None)
    run_all_due(world.database, world.clock)
    assert owed > 1 and world.count(Timer, *mine, Timer.status == "fired") == owed


def test_a_poisoned_timer_becomes_an_incident_and_delays_nobody(world: World) -> None:
    """Its move is one that its state never allows."""
    poisoned, *others = cases_of(world, world.round()[0])
    timer = timer_of(world, poisoned, "lapse")
    with world.write() as session:
        first = {"move": "expire", "fire_at": timer.fire_at - timedelta(seconds=1)}
        session.execute(update(Timer).where(Timer.id == timer.id).values(**first))
    world.clock.to(timer.fire_at)
    run_due(world.database, world.clock)
    assert {world.case(case).state for case in others} == {"county_review"}
    for _ in range(TRIES):
        world.clock.forward(hours=1)
        run_due(world.database, world.clock)
    with world.database.read() as session:
        failed = session.get_one(Timer, timer.id)
        incident = session.scalars(select(Incident).where(Incident.timer_id == timer.id)).one()
    assert (failed.status, failed.attempts, incident.kind) == ("parked", TRIES, "timer_failed")
    assert "not_from_here" in incident.detail
    unbroken(world)


def test_two_schedulers_that_fail_at_one_timer_together_count_one_try(world: World) -> None:

    timer = timer_of(world, cases_of(world, world.round()[0])[0], "lapse")
    with world.write() as session:
        session.execute(update(Timer).where(Timer.id == timer.id).values(attempts=TRIES - 1))
    world.clock.to(timer.fire_at)

    def fail() -> None:
        with world.write() as session:
            sweep.failed(session, timer.id, world.at, "示例故障")

    together([fail] * 4)
    assert world.count(Incident, Incident.timer_id == timer.id) == 1
    assert world.count(Timer, Timer.id == timer.id, Timer.attempts == TRIES, Timer.status == "parked") == 1


def test_after_a_week_without_a_scheduler_all_fires_in_order_with_its_lateness(world: World) -> None:
    like, *_ = cases_of(world, world.round()[0])
    clones(world, like, 20)
    lapse = timer_of(world, like, "lapse")
    with world.database.read() as session:
        expected = session.scalars(
            select(Timer.id).where(Timer.status == "armed").order_by(Timer.fire_at, Timer.id)
        ).all()
    world.clock.to(lapse.fire_at + timedelta(days=7))
    week = int((world.at - lapse.planned_at).total_seconds())
    fired = _in_order(world)
    assert fired[: len(expected)] == list(expected)
    with world.database.read() as session:
        late = session.scalars(select(Timer.late_seconds).where(Timer.kind == "lapse", Timer.status == "fired")).all()
        noted = session.scalars(select(HistoryEntry.details).where(HistoryEntry.move == "lapse")).all()
    assert set(late) == {week} == {one["timer"]["late_seconds"] for one in noted}
    unbroken(world)


def _in_order(world: World) -> list[int]:
    """Sweep with a clock that moves a microsecond at each look, so that the order can be read afterwards."""
    start = world.at

    def clock() -> datetime:
        world.clock.forward(microseconds=1)
        return world.at

    run_all_due(world.database, clock)
    with world.database.read() as session:
        ended = select(Timer.id).where(Timer.status == "fired", Timer.ended_at >= start).order_by(Timer.ended_at)
        return list(session.scalars(ended))
