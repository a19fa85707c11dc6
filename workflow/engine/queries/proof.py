"""时限证明: every day of a deadline from its first start to its end, across the pauses and extensions between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Timer
from models.core import table_of
from workflow.engine import calendars
from workflow.engine.plan import STEP
from workflow.engine.queries import due
from workflow.engine.queries.case_page import Act, acts
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import CountedDay

TURNS = ("pause", "resume", "extend", "undo_extension", "recompute")
ANNOUNCED = ("holiday", "makeup", "override")
KINDS = ("lapse", "overdue", "pause")


@dataclass(frozen=True, slots=True)
class Proof:
    """`rule` counts from `started_on` as if the clock had never stood still. `documents`: by day, the notice that made
    it what it is. `turns`: what stopped or moved this deadline, in order. `paused`: it stands still now, and `due_on`
    is the day it had before."""

    rule_key: str
    rule: dict[str, Any]
    started_on: date
    due_on: date
    planned_at: datetime
    provisional: bool
    calendar_version: str
    paused: bool
    days: list[CountedDay]
    documents: dict[date, str]
    turns: list[Act]


@dataclass(frozen=True, slots=True)
class Listed:
    """One deadline of a case, whatever became of it; `id` names it for its proof."""

    id: int
    rule_key: str
    state: str
    step: str
    due_on: date
    status: str


def deadlines(session: Session, case_id: int) -> list[Listed]:
    """Every deadline that the case has had, in their order; one that was turned is one."""
    latest = {_place(row): row for row in _closing(_timers(session, case_id))}
    return [Listed(row.id, row.rule_key, row.state, row.step, row.due_on, row.status) for row in latest.values()]


def proof(session: Session, case_id: int, today: date, of: int | None = None) -> Proof | None:
    """Of the deadline that `of` names; else of the step's running one, or of its last one that ran."""
    rows = _timers(session, case_id)
    closing = _closing(rows)
    named = [row for row in closing if (row.purpose == STEP if of is None else row.id == of)]
    if not named:
        return None
    chain = [row for row in closing if _place(row) == _place(named[-1])]
    last = chain[-1]
    pauses = [row for row in rows if row.kind == "pause" and _place(row) == _place(last)]
    turns = _turns(session, case_id, last)
    # Each stretch is proved on the calendar that it was computed with; a later one only counts once it is recomputed.
    calendar = calendars.current(session, as_of=last.armed_at)
    days = list(_days(session, chain, pauses, turns, today))
    paused = bool(pauses) and pauses[-1].id > last.id
    rule = dict(last.rule)
    if "count" in rule:
        whole = days[-1].number + (pauses[-1].rule["count"] if paused else 0)
        rule |= {"count": whole, "start_day": chain[0].rule["start_day"]}
    special = [day.date for day in days if day.why in ANNOUNCED]
    known = {day: calendar.day(day, provisional=True).document for day in special}
    return Proof(
        rule_key=last.rule_key,
        rule=rule,
        started_on=chain[0].started_on,
        due_on=last.due_on,
        planned_at=last.planned_at,
        provisional=last.provisional,
        calendar_version=last.calendar_version,
        paused=paused,
        days=days,
        documents={day: document for day, document in known.items() if document},
        turns=turns,
    )


def as_json(one: Proof, clause: dict[str, Any]) -> dict[str, Any]:
    return {
        "due_on": one.due_on.isoformat(),
        "closes_at": one.planned_at.isoformat(),
        "started_on": one.started_on.isoformat(),
        "provisional": one.provisional,
        "paused": one.paused,
        "rule": {"key": one.rule_key, **one.rule},
        "clause": clause,
        "calendar_version": one.calendar_version,
        "days": [_day(day, one) for day in one.days],
        "turns": [_turn(act) for act in one.turns],
    }


def _day(day: CountedDay, one: Proof) -> dict[str, Any]:
    unsure, document = day.provisional and one.provisional, one.documents.get(day.date, "")
    return {
        "date": day.date.isoformat(),
        "counted": day.counted,
        "number": day.number,
        "why": day.why,
        "name": day.name,
        "document": document,
        "provisional": unsure,
    }


def _turn(act: Act) -> dict[str, Any]:
    kept = ("from", "to", "left", "until", "stood_still", "due")
    details = {name: act.details[name] for name in kept if name in act.details}
    return {"seq": act.seq, "at": act.at.isoformat(), "move": act.move, "actor": act.actor, "authority": act.authority,
            "person": act.person, "reason": act.opinion, **details}  # fmt: skip


def _timers(session: Session, case_id: int) -> list[Any]:
    table = table_of(Timer)
    wanted = select(table).where(table.c.case_id == case_id, table.c.kind.in_(KINDS))
    return list(session.execute(wanted.order_by(table.c.id)))


def _closing(rows: Sequence[Any]) -> list[Any]:
    """A deadline that a person chose has no rule to prove."""
    return [row for row in rows if row.kind != "pause" and row.rule]


def _place(row: Any) -> tuple[Any, ...]:
    """What stays the same of one deadline, however often it is set anew."""
    return row.state, row.step, row.turn, row.purpose, row.rule_key


def _turns(session: Session, case_id: int, timer: Any) -> list[Act]:
    every = reversed(acts(session, case_id))
    here = (timer.state, timer.step, timer.turn, timer.purpose)
    turns = (act for act in every if act.move in TURNS)
    return [act for act in turns if (act.from_state, act.from_step, act.turn, act.details.get("clock", STEP)) == here]


def _days(
    session: Session, chain: Sequence[Any], pauses: Sequence[Any], turns: Sequence[Act], today: date
) -> Iterator[CountedDay]:
    """Counted up to each pause, standing still to its resumption, then counted on. Of what was set anew in between,
    only the last counts."""
    reasons = [turn.opinion for turn in turns if turn.move == "pause"]
    stretches = [list(rows)[-1] for _before, rows in groupby(chain, lambda row: sum(one.id < row.id for one in pauses))]
    ends = [row.started_on for row in stretches[1:]] + [today] * (len(pauses) - len(stretches) + 1)
    number = 0
    for place, row in enumerate(stretches):
        stopped = pauses[place].started_on if place < len(pauses) else None
        offset, calendar = number, calendars.current(session, as_of=row.armed_at)
        for day in _counted(row, calendar, resumed=place > 0, until=stopped):
            number = offset + day.number
            yield replace(day, number=number)
        if stopped:
            yield from _still(stopped, ends[place], number, reasons[place])


def _counted(row: Any, calendar: Calendar, *, resumed: bool, until: date | None) -> Iterator[CountedDay]:
    """The day of resumption has been shown already, as the last that stood still."""
    for day in due.proof(row, calendar):
        if not (resumed and day.date == row.started_on) and (until is None or day.date <= until):
            yield day


def _still(after: date, until: date, number: int, reason: str) -> Iterator[CountedDay]:
    for step in range(1, (until - after).days + 1):
        yield CountedDay(after + timedelta(days=step), False, number, "paused", reason, False)
