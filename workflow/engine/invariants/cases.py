"""Cases, their work and their timers."""

from collections.abc import Iterator

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from models import (
    Case,
    HistoryEntry,
    Incident,
    Task,
    Timer,
)
from workflow.engine import audit
from workflow.engine.audit import Breach
from workflow.engine.invariants.pinned import full, state_of
from workflow.engine.plan import STEP


def chains(session: Session) -> Iterator[Breach]:
    """State, step, turn and version are the fold of a history without gaps, each entry hashed on the one before."""
    yield from audit.verify(session)


def active_cases_wait_for_something(session: Session) -> Iterator[Breach]:
    """And what stands waits for the end of its term, unless it stands until somebody ends it (an honour)."""
    child = aliased(Case)
    waiting = (
        exists().where(Task.case_id == Case.id, Task.closed_at.is_(None)),
        exists().where(Timer.case_id == Case.id, Timer.status == "armed"),
        exists().where(Incident.case_id == Case.id, Incident.closed_at.is_(None)),
        exists().where(child.parent_id == Case.id, child.closed_at.is_(None)),
    )
    query = select(Case.id, Case.machine, Case.policy_id, Case.state, Case.step).where(Case.closed_at.is_(None))
    for condition in waiting:
        query = query.where(~condition)
    for row in session.execute(query):
        found = state_of(session, row.machine, row.policy_id, row.state, row.step)
        if found is None or found.kind != "standing" or found.due:
            yield Breach("active_waits_for_nothing", row.id, row.state)


def final_cases_owe_nothing(session: Session) -> Iterator[Breach]:
    for key, model, is_open in (
        ("final_with_task", Task, Task.closed_at.is_(None)),
        ("final_with_timer", Timer, Timer.status == "armed"),
    ):
        query = (
            select(Case.id, Case.state)
            .join(model, model.case_id == Case.id)
            .where(Case.closed_at.is_not(None), is_open)
        )
        yield from (Breach(key, row.id, row.state) for row in session.execute(query))


def final_states_are_closed(session: Session) -> Iterator[Breach]:
    closed = Case.closed_at.is_not(None).label("closed")
    query = select(func.min(Case.id), Case.machine, Case.policy_id, Case.state, Case.step, closed).distinct()
    for case_id, machine, policy, state, step, is_closed in session.execute(
        query.group_by(Case.machine, Case.policy_id, Case.state, Case.step, closed)
    ):
        found = state_of(session, machine, policy, state, step)
        if found is None or (found.kind == "final") != bool(is_closed):
            yield Breach("final_not_closed", case_id, full(state, step))


def open_tasks_belong_to_the_present_step(session: Session) -> Iterator[Breach]:
    """Work of a step ends with the step; follow-ups (`deliver`, `file_upward`) end with the state they belong to."""
    elsewhere = (Task.state != Case.state) | (Task.step != Case.step) | (Task.turn != Case.turn)
    query = select(Case.id, Task.state, Task.step).join(Task, Task.case_id == Case.id)
    for row in session.execute(query.where(Task.closed_at.is_(None), elsewhere)):
        yield Breach("task_of_past_step", row.id, full(row.state, row.step))


def timers_fire_in_time_and_once(session: Session) -> Iterator[Breach]:
    early = select(Timer.case_id, Timer.id).where(Timer.status == "fired", Timer.ended_at < Timer.planned_at)
    yield from (Breach("timer_early", row.case_id, str(row.id)) for row in session.execute(early))
    columns = (Timer.case_id, Timer.seq, Timer.purpose, Timer.kind, Timer.planned_at)
    twice = select(*columns).group_by(*columns).having(func.count() > 1)
    yield from (Breach("timer_twice", row.case_id, row.kind) for row in session.execute(twice))


def a_follow_ups_clock_runs_while_its_task_is_open(session: Session) -> Iterator[Breach]:
    """Nothing is sent about a task that is gone, and no follow-up ends on a day that its clock does not know."""
    same = (Task.case_id == Timer.case_id, Task.purpose == Timer.purpose, Task.closed_at.is_(None))
    running = (Timer.status.in_(("armed", "parked")), Timer.purpose != STEP)
    gone = select(Timer.case_id, Timer.purpose).where(*running, ~exists().where(*same))
    yield from (Breach("clock_of_gone_task", row.case_id, row.purpose) for row in session.execute(gone))
    closing = (Timer.case_id == Task.case_id, Timer.purpose == Task.purpose, Timer.planned_at == Task.due_at)
    owed = (Task.purpose.in_(select(Timer.purpose).where(Timer.purpose != STEP)), Task.closed_at.is_(None))
    untimed = select(Task.case_id, Task.purpose).where(*owed, ~exists().where(*closing, Timer.kind == "overdue"))
    yield from (Breach("task_without_clock", row.case_id, row.purpose) for row in session.execute(untimed))


def timers_and_their_moves_match(session: Session) -> Iterator[Breach]:
    """Each fired timer that has a move, a lapse or the end of a pause, made exactly it; no cancelled timer made any."""
    fired = select(Timer.case_id, Timer.ended_at, Timer.move).where(Timer.status == "fired", Timer.move != "")
    expected = sorted((row.case_id, row.ended_at, row.move) for row in session.execute(fired))
    system = select(HistoryEntry.case_id, HistoryEntry.at, HistoryEntry.move, HistoryEntry.details)
    made = sorted(
        (row.case_id, row.at, row.move)
        for row in session.execute(system.where(HistoryEntry.actor == "system"))
        if "timer" in row.details
    )
    if expected != made:
        for case_id, _, move in set(expected) ^ set(made):
            yield Breach("timer_without_move", case_id, move)
