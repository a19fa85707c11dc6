"""Due timers: found without locks, fired one by one, each in its own transaction with everything re-read."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from models import Incident, OutboxMessage, Timer
from models.changes import adding, changing, together
from models.core import affected, table_of, word
from models.prepared import Query
from workflow.engine import calendars, outbox, sync
from workflow.engine.clockwork import found_by
from workflow.engine.decide import decide
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of, family, touched
from workflow.engine.permissions import SYSTEM
from workflow.engine.plan import STEP, Plan
from workflow.engine.reads import CLOSING
from workflow.engine.refusal import Refused
from workflow.engine.write import Change, settle, write
from workflow.rules.deadline import Deadline

_TIMER = Query(select(table_of(Timer)).where(table_of(Timer).c.id == bindparam("id")))
_DUE = Query(
    select(table_of(Timer).c.id, table_of(Timer).c.case_id, table_of(Timer).c.move)
    .where(table_of(Timer).c.status == word("armed"), table_of(Timer).c.fire_at <= bindparam("at"))
    .order_by(table_of(Timer).c.fire_at, table_of(Timer).c.id)
    .limit(bindparam("limit"))
)
Fired = Literal["fired", "held", "gone"]
TRIES = 5
PAUSE = timedelta(minutes=1)


def due(session: Session, at: datetime, limit: int = 200) -> list[Any]:
    """Armed timers whose hour has come (id, case_id, move), earliest first."""
    return _DUE.all(session, {"at": at, "limit": limit})


def fire(session: Session, found: Any, at: datetime) -> Fired:
    """Fire one timer that was found due, unless somebody else has its case (`held`), or it is no longer armed (`gone`).
    Raises what its move refuses."""
    sync.point("before lock")
    held = family(session, found.case_id, or_skip=True)
    if not held:
        return "held"
    facts = facts_of(session, found.case_id, SYSTEM, at, family=held, move=found.move)
    timer = next((one for one in facts.timers if one.id == found.id and one.fire_at <= at), None)
    if timer is None:
        return "gone"
    if timer.provisional and _dated_anew(session, facts, timer):
        return "fired"
    late = max(0, int((at - timer.planned_at).total_seconds()))
    plan = _plan(facts, timer, late) if timer.move else None
    sync.point("after decide")
    if plan:
        settle(session, plan)
        write(session, plan)
    else:
        together(session, [_ended(timer.id, "fired", at, late), *_told(facts, timer), touched(facts.id)])
    sync.point("before commit")
    return "fired"


def failed(session: Session, timer_id: int, at: datetime, error: str) -> None:
    """Put a failing timer off, longer each time; after the last try it is parked and becomes an incident.

    Where two schedulers failed at it together, or it has ended meanwhile, the second changes nothing.
    """
    timer = _TIMER.first(session, {"id": timer_id})
    attempts = timer.attempts + 1
    table = table_of(Timer)
    values: dict[str, Any] = {"attempts": attempts, "last_error": error, "fire_at": at + PAUSE * 2**attempts}
    if attempts >= TRIES:
        values["status"] = "parked"
    same = (table.c.id == timer_id, table.c.status == "armed", table.c.attempts == timer.attempts)
    if affected(session, update(table).where(*same).values(**values)) and attempts >= TRIES:
        _incident(session, timer, "timer_failed", at, error)


def _plan(facts: Facts, timer: Any, late: int) -> Plan:
    """What the system does at the lapse: history by the system, with rule, clause and lateness."""
    plan = decide(facts, timer.move)
    plan.fired, plan.late_seconds = timer.id, late
    timed = {"rule": timer.rule_key, "due": timer.due_on.isoformat(), "late_seconds": late}
    plan.effects.note = {**plan.effects.note, "timer": timed, "clause": timer.rule.get("clause", "")}
    return plan


def _told(facts: Facts, timer: Any) -> list[Change]:
    """Remind whoever owes the work now. What is overdue is their leader's matter too, and after some working days
    that of the leader above. After a standstill only the last of what is due reminds."""
    event, payload = f"timer.{timer.kind}", {"due_on": timer.due_on.isoformat()}
    payload |= {"task": timer.purpose} if timer.purpose != STEP else {}
    payload |= {"provisional": True} if timer.provisional else {}
    same = [one for one in facts.timers if one.purpose == timer.purpose]
    again = any(one.planned_at > timer.planned_at and one.fire_at <= facts.at for one in same)
    owed = _owed(facts, timer.purpose)
    rows = [] if again else [outbox.reminder(facts.id, event, task, payload) for task in owed]
    if timer.kind in ("overdue", "escalate"):
        here = facts.case["authority_id"] if timer.purpose == STEP else owed[0].authority_id
        whose = here if timer.kind == "overdue" else facts.authorities[here].reports_to_id
        if whose:
            rows.append(outbox.overdue(facts.id, event, whose, payload))
    return [
        adding(OutboxMessage).row({**row, "key": f"timer:{timer.id}:{number}", "created_at": facts.at})
        for number, row in enumerate(rows)
    ]


def _owed(facts: Facts, purpose: str) -> list[Any]:
    """The open work that a clock is about: the follow-up, or the step's with all that is due when the step is."""
    if purpose != STEP:
        return [task for task in facts.tasks if task.purpose == purpose]
    own = {one.purpose for one in facts.timers} - {STEP}
    return [task for task in facts.tasks if task.purpose not in own]


def _dated_anew(session: Session, facts: Facts, timer: Any) -> bool:
    """A date that rested on an unannounced year is computed again: it stands (False), moves, or waits for a notice."""
    if timer.kind not in CLOSING or not timer.rule:
        return False
    found = found_by(timer.rule, timer.started_on, calendars.current(session))
    if found.provisional:
        together(session, [_ended(timer.id, "parked", facts.at), touched(facts.id)])
        _incident(session, timer, "year_not_announced", facts.at, str(timer.due_on.year))
        return True
    return found.due != timer.due_on and _moved(session, facts, timer, found)


def _moved(session: Session, facts: Facts, timer: Any, found: Deadline) -> bool:
    """By the case's own move, with both dates in its history; an entry in publicity is moved by its notice."""
    if facts.case["state"] == "in_publicity" and timer.purpose == STEP:
        later = found.due > timer.due_on
        if later:
            together(session, [changing(Timer, {"id": timer.id}, {"fire_at": found.instant}), touched(facts.id)])
        return later
    facts.form = {"clock": timer.purpose}
    try:
        plan = decide(facts, "recompute")
    except Refused:
        return False  # a running publicity is never shortened: the later date stands, and has come
    settle(session, plan)
    write(session, plan)
    return True


def _ended(timer_id: int, status: str, at: datetime, late: int | None = None) -> Change:
    return changing(Timer, {"id": timer_id}, {"status": status, "ended_at": at, "late_seconds": late})


def _incident(session: Session, timer: Any, kind: str, at: datetime, detail: str) -> None:
    row = {"kind": kind, "case_id": timer.case_id, "timer_id": timer.id, "subject": f"timer {timer.id}"}
    session.execute(insert(Incident).values(opened_at=at, detail=detail, **row))
