"""The channels that an administrator keeps, and whose they may be."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import Appointment, Authority, Channel, Institution, Person, User
from workflow.engine.permissions import Actor, subtree
from workflow.engine.queries import admin
from workflow.engine.refusal import NotFound


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    name: str
    kind: str
    url: str
    owner: str
    active: bool


def _kept(actor: Actor) -> ColumnElement[bool]:
    """Asked of each channel's owner: there are far fewer channels than institutions and people."""
    mine, one = subtree(actor.authority_id), aliased(Institution)
    institution = exists().where(one.id == Channel.institution_id, one.managing_authority_id.in_(mine))
    person = exists().where(Appointment.person_id == Channel.person_id, admin.within(actor))
    return or_(Channel.authority_id.in_(mine), institution, person)


def channels(session: Session, actor: Actor) -> list[Line]:
    owner = func.coalesce(Authority.name, Institution.name, Person.name)
    query = select(Channel.id, Channel.name, Channel.kind, Channel.url, owner, Channel.active)
    query = query.outerjoin(Authority, Authority.id == Channel.authority_id)
    query = query.outerjoin(Institution, Institution.id == Channel.institution_id)
    query = query.outerjoin(Person, Person.id == Channel.person_id).where(_kept(actor)).order_by(Channel.id)
    return [Line(*row) for row in session.execute(query)]


def channel(session: Session, actor: Actor, number: int) -> Channel:
    found = session.scalars(select(Channel).where(Channel.id == number, _kept(actor))).one_or_none()
    if found is None:
        raise NotFound
    return found


def owner(session: Session, actor: Actor, name: str, value: str) -> dict[str, int] | None:
    """By an authority's code, an institution's code or a person's login."""
    if name == "authority":
        own = Authority.code == value, Authority.id.in_(subtree(actor.authority_id))
        found = session.scalar(select(Authority.id).where(*own))
        return {"authority_id": found} if found else None
    if name == "credit_code":
        institution = admin.institution(session, actor, value)
        return {"institution_id": institution.id} if institution else None
    person = select(Person.id).join(User, User.person_id == Person.id)
    found = session.scalar(person.where(User.login == value, admin.kept_by(actor)))
    return {"person_id": found} if found else None
