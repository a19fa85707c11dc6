"""催办: who waits presses who owes. A message and a count, no move: the case stays as it is (decision record 10)."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from models import Authority, Case, HistoryEntry, Institution, Nudge, OutboxMessage, Task
from models.core import table_of
from workflow.clock import legal_day
from workflow.engine import calendars, outbox
from workflow.engine.load import locked
from workflow.engine.permissions import OFFICIALS, Actor, owes, sees
from workflow.engine.refusal import NotFound, Refused
from workflow.rules.office import working_day

_case, _task, _nudge = table_of(Case), table_of(Task), table_of(Nudge)


def refusal(session: Session, case_id: int, actor: Actor, at: datetime) -> str:
    """Why the actor may not press this case now; empty when they may."""
    if not session.scalar(select(exists().where(Case.id == case_id, sees(actor)))):
        raise NotFound
    owed = _owed(session, case_id)
    if not owed:
        return "nothing_to_nudge"
    if any(owes(task, actor) for task in owed) or not _waits(session, case_id, actor):
        return "not_waiting"
    day = working_day(legal_day(at), calendars.current(session))
    mine = (_nudge.c.case_id == case_id, _nudge.c.person_id == actor.person_id, _nudge.c.day == day)
    return "nudged_today" if session.scalar(select(exists().where(*mine))) else ""


def nudge(session: Session, case_id: int, actor: Actor, at: datetime) -> None:
    """Tell whoever owes the step. Once a working day for one person and case; a day off counts as the next one."""
    locked(session, case_id)
    if why := refusal(session, case_id, actor, at):
        raise Refused(why)
    day = working_day(legal_day(at), calendars.current(session))
    row = {"case_id": case_id, "person_id": actor.person_id, "day": day, "at": at}
    nudge_id = session.execute(insert(_nudge).values(**row).returning(_nudge.c.id)).scalar_one()
    who = {"who": _name(session, actor)}
    for number, task in enumerate(_owed(session, case_id)):
        message = outbox.reminder(case_id, "case.nudge", task, who)
        session.execute(insert(OutboxMessage).values(key=f"nudge:{nudge_id}:{number}", created_at=at, **message))


def _owed(session: Session, case_id: int) -> list[Any]:
    work = (_task.c.case_id == case_id, _task.c.closed_at.is_(None), _task.c.purpose == "work")
    return list(session.execute(select(_task).where(*work).order_by(_task.c.id)))


def _waits(session: Session, case_id: int, actor: Actor) -> bool:
    """The institution; an official who had a hand in the case before; the leader of an authority that had."""
    if actor.institution_id is not None:
        return True
    if actor.role not in OFFICIALS:
        return False
    entry = table_of(HistoryEntry)
    whose = entry.c.person_id == actor.person_id
    if actor.role == "leader":
        whose |= entry.c.authority_id == actor.authority_id
    return bool(session.scalar(select(exists().where(entry.c.case_id == case_id, whose))))


def _name(session: Session, actor: Actor) -> str:
    """A message may go far: it names the authority or the institution, not the person."""
    if actor.institution_id is not None:
        return session.get_one(Institution, actor.institution_id).name
    return session.get_one(Authority, actor.authority_id).short_name
