"""Due timers: found without locks, fired one by one, each in its own transaction with everything re-read."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models import Authority, Case, Incident, OutboxMessage, Task, Timer
from models.core import affected, table_of
from workflow.engine import calendars, outbox, sync
from workflow.engine.decide import decide
from workflow.engine.load import facts_of, family
from workflow.engine.permissions import SYSTEM
from workflow.engine.plan import Plan
from workflow.engine.write import write

TRIES = 5
PAUSE = timedelta(minutes=1)


def due(session: Session, at: datetime, limit: int = 200) -> list[int]:
    """Ids of armed timers whose hour has come, earliest first."""
    table = table_of(Timer)
    hour_come = (table.c.status == "armed", table.c.fire_at <= at)
    return list(
        session.scalars(select(table.c.id).where(*hour_come).order_by(table.c.fire_at, table.c.id).limit(limit))
    )


def fire(session: Session, timer_id: int, at: datetime) -> bool:
    """Fire one timer. False when somebody else has it, or it is no longer armed. Raises what its move refuses."""
    timer = _read(session, timer_id)
    if not _is_due(timer, at):
        return False
    sync.point("before lock")
    held = family(session, timer["case_id"], or_skip=True)
    if not held:
        return False
    timer = _read(session, timer_id)
    if not _is_due(timer, at):
        return False
    if timer["provisional"] and _park(session, timer, at):
        return True
    late = max(0, int((at - timer["planned_at"]).total_seconds()))
    plan = _plan(session, timer, at, late, held) if timer["move"] else None
    sync.point("after decide")
    _end(session, timer_id, "fired", at, late_seconds=late)
    if plan:
        write(session, plan)
    else:
        _tell(session, timer, at)
    sync.point("before commit")
    return True


def failed(session: Session, timer_id: int, at: datetime, error: str) -> None:
    """Put a failing timer off, longer each time; after the last try it is parked and becomes an incident.

    Where two schedulers failed at it together, or it has ended meanwhile, the second changes nothing.
    """
    timer = _read(session, timer_id)
    attempts = timer["attempts"] + 1
    table = table_of(Timer)
    values: dict[str, Any] = {"attempts": attempts, "last_error": error, "fire_at": at + PAUSE * 2**attempts}
    if attempts >= TRIES:
        values["status"] = "parked"
    same = (table.c.id == timer_id, table.c.status == "armed", table.c.attempts == timer["attempts"])
    if affected(session, update(table).where(*same).values(**values)) and attempts >= TRIES:
        _incident(session, timer, "timer_failed", at, error)


def _plan(session: Session, timer: dict[str, Any], at: datetime, late: int, held: dict[int, dict[str, Any]]) -> Plan:
    """What the system does at the lapse: history by the system, with rule, clause and lateness."""
    plan = decide(facts_of(session, timer["case_id"], SYSTEM, at, family=held), timer["move"])
    timed = {"rule": timer["rule_key"], "due": timer["due_on"].isoformat(), "late_seconds": late}
    plan.effects.note = {**plan.effects.note, "timer": timed, "clause": timer["rule"].get("clause", "")}
    return plan


def _tell(session: Session, timer: dict[str, Any], at: datetime) -> None:
    """Remind whoever owes the step now. An overdue step is their leader's matter too, and after some working days
    that of the leader above."""
    case_id, event, payload = timer["case_id"], f"timer.{timer['kind']}", {"due_on": timer["due_on"].isoformat()}
    tasks = table_of(Task)
    owed = session.execute(select(tasks).where(tasks.c.case_id == case_id, tasks.c.closed_at.is_(None))).all()
    rows = [outbox.reminder(case_id, event, task, payload) for task in owed]
    if timer["kind"] in ("overdue", "escalate"):
        here = select(Authority.id, Authority.reports_to_id).join(Case, Case.authority_id == Authority.id)
        own, above = session.execute(here.where(Case.id == case_id)).one()
        if whose := own if timer["kind"] == "overdue" else above:
            rows.append(outbox.overdue(case_id, event, whose, payload))
    for number, row in enumerate(rows):
        session.execute(insert(OutboxMessage).values(key=f"timer:{timer['id']}:{number}", created_at=at, **row))


def _park(session: Session, timer: dict[str, Any], at: datetime) -> bool:
    """A date that rested on an unannounced year is computed again; while the year is still unknown nothing fires."""
    facts = facts_of(session, timer["case_id"], SYSTEM, at)
    if timer["rule_key"] not in facts.rules.content.deadlines or timer["kind"] in ("remind", "escalate", "pause"):
        return False
    calendar = calendars.current(session)
    found = calendars.deadline(facts.rules.deadline(timer["rule_key"]), timer["started_on"], calendar)
    if not found.provisional and found.due <= timer["due_on"]:
        return False
    if found.provisional:
        _end(session, timer["id"], "parked", at)
        _incident(session, timer, "year_not_announced", at, str(timer["due_on"].year))
        return True
    later = {"due_on": found.due, "planned_at": found.instant, "fire_at": found.instant, "provisional": False}
    session.execute(update(Timer).where(Timer.id == timer["id"]).values(**later))
    return True


def _is_due(timer: dict[str, Any], at: datetime) -> bool:
    return timer["status"] == "armed" and timer["fire_at"] <= at


def _read(session: Session, timer_id: int) -> dict[str, Any]:
    table = table_of(Timer)
    return dict(session.execute(select(table).where(table.c.id == timer_id)).mappings().one())


def _end(session: Session, timer_id: int, status: str, at: datetime, **values: Any) -> None:
    table = table_of(Timer)
    session.execute(update(table).where(table.c.id == timer_id).values(status=status, ended_at=at, **values))


def _incident(session: Session, timer: dict[str, Any], kind: str, at: datetime, detail: str) -> None:
    row = {"kind": kind, "case_id": timer["case_id"], "timer_id": timer["id"], "subject": f"timer {timer['id']}"}
    session.execute(insert(Incident).values(opened_at=at, detail=detail, **row))
