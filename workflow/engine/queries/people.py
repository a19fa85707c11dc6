"""People as officials' pages show them: who owes a step, and who could be designated for it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from models import Appointment, Authority, Institution, Office, Person, Task, Timer
from models.prepared import Query
from workflow.engine.facts import Facts
from workflow.engine.permissions import in_force
from workflow.engine.reads import CLOSING

DESIGNABLE = ("handler", "section_head", "leader")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owes an open task, until when, and whether that end is only assumed. `person` is a seat, a designation, or
    whoever has signed for it."""

    task_id: int
    purpose: str
    role: str
    authority: str
    institution: str
    person: str
    person_id: int | None
    claimed: bool
    designated: bool
    due_at: datetime | None
    provisional: bool


def owners(session: Session, case_id: int) -> list[Owner]:
    return [Owner(*row) for row in _owners().all(session, {"case": case_id})]


@cache
def _owners() -> Query:
    """In the order of Owner."""
    named = {"authority": Authority.short_name, "institution": Institution.name, "person": Person.name}
    names = (func.coalesce(column, "").label(name) for name, column in named.items())
    whose = (Task.person_id, Task.claimed_at.is_not(None).label("claimed"), Task.designated)
    clock = exists().where(Timer.case_id == Task.case_id, Timer.purpose == Task.purpose, Timer.status == "armed")
    assumed = clock.where(or_(*(Timer.kind == kind for kind in CLOSING)), Timer.provisional).label("provisional")
    query = select(Task.id, Task.purpose, Task.role, *names, *whose, Task.due_at, assumed)
    query = query.outerjoin(Authority, Authority.id == Task.authority_id)
    query = query.outerjoin(Institution, Institution.id == Task.institution_id)
    query = query.outerjoin(Person, Person.id == Task.person_id)
    return Query(query.where(Task.case_id == bindparam("case"), Task.closed_at.is_(None)).order_by(Task.id))


def candidates(session: Session, facts: Facts) -> list[tuple[int, str]]:
    """Who of the step's authority and of the designating one may take the step: in post and not barred."""
    places = [facts.case["authority_id"], facts.actor.authority_id]
    query = select(Person.id, Person.name, Authority.short_name, Office.name, Appointment.role)
    query = query.join(Appointment, Appointment.person_id == Person.id).join(Office).join(Authority)
    query = query.where(Authority.id.in_(places), Appointment.role.in_(DESIGNABLE), in_force(facts.today))
    rows = session.execute(query.order_by(Authority.id, Office.id, Person.id))
    free = (row for row in rows if row.id not in facts.barred)
    return list({row.id: f"{row.name}（{row.short_name}{row[3]}）" for row in free}.items())
