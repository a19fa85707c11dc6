"""管理记录 as an auditor reads it: the acts of the own authority and those below, newest first, names filled in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from models import Appointment, Authority, Channel, Deed, Institution, Office, Person, Round, User
from models.core import counted
from workflow.engine.permissions import Actor, subtree

PAGE = 50
NAMED: dict[str, Any] = {
    "person": Person.name,
    "account": User.login,
    "institution": Institution.name,
    "channel": Channel.name,
    "round": Round.title,
}
"""What a deed's detail names, and how it is called."""


@dataclass(frozen=True, slots=True)
class Line:
    seq: int
    at: datetime
    deed: str
    actor: str
    who: str
    role: str
    details: dict[str, Any]


def lines(session: Session, actor: Actor, words: str, page: int) -> tuple[list[Line], int]:
    """One page of the acts of persons whose name contains the words, and how many there are."""
    found = select(Deed.seq).where(_seen(actor))
    if words:
        found = found.join(Person, Person.id == Deed.person_id).where(Person.name.icontains(words, autoescape=True))
    shown = found.order_by(Deed.seq.desc()).limit(PAGE).offset((page - 1) * PAGE)
    query = select(Deed, Person.name, Appointment.role).outerjoin(Person, Person.id == Deed.person_id)
    query = query.outerjoin(Appointment, Appointment.id == Deed.appointment_id).where(Deed.seq.in_(shown))
    rows = session.execute(query.order_by(Deed.seq.desc())).all()
    names = _names(session, [row.Deed for row in rows])
    return [_line(row.Deed, row.name or "", row.role or "", names) for row in rows], counted(session, found)


def _seen(actor: Actor) -> ColumnElement[bool]:
    """What nobody's post covers (the system, the command line, clerks) is for the topmost authority's auditor."""
    own = aliased(Authority)
    top = exists().where(own.id == actor.authority_id, own.reports_to_id.is_(None))
    return or_(Deed.authority_id.in_(subtree(actor.authority_id)), Deed.authority_id.is_(None) & top)


def _names(session: Session, deeds: list[Deed]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for kind, name in NAMED.items():
        ids = {deed.details[kind] for deed in deeds if kind in deed.details}
        for row in session.execute(select(name.class_.id, name).where(name.class_.id.in_(ids))):
            found[kind, row[0]] = row[1]
    offices = {deed.details["office"] for deed in deeds if "office" in deed.details}
    for office in session.scalars(select(Office).where(Office.id.in_(offices))):
        found["office", office.id] = f"{office.authority.short_name}{office.name}"
    return found


def _line(deed: Deed, who: str, role: str, names: dict[tuple[str, int], str]) -> Line:
    details = {key: names.get((key, value), value) for key, value in deed.details.items()}
    return Line(deed.seq, deed.at, deed.deed, deed.actor, who, role, details)
