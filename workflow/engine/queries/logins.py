"""登录记录 as an auditor reads it: the accounts of the own authority and those below, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from models import Appointment, Institution, LoginEvent, Office, Person, User
from models.core import counted
from workflow.engine.permissions import Actor, subtree

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    event: str
    login: str
    who: str
    address: str


def lines(session: Session, actor: Actor, words: str, page: int) -> tuple[list[Line], int]:
    """One page of the events of accounts or persons whose name contains the words, and how many there are."""
    columns = (LoginEvent.at, LoginEvent.event, func.coalesce(User.login, ""), func.coalesce(Person.name, ""))
    query = select(*columns, LoginEvent.address).outerjoin(User, User.id == LoginEvent.user_id)
    query = query.outerjoin(Person, Person.id == User.person_id).where(_seen(actor))
    if words:
        named = (Person.name.icontains(words, autoescape=True), User.login.icontains(words, autoescape=True))
        query = query.where(or_(*named, LoginEvent.address == words))
    total = counted(session, query)
    rows = session.execute(query.order_by(LoginEvent.id.desc()).limit(PAGE).offset((page - 1) * PAGE))
    return [Line(*row) for row in rows], total


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Accounts of whoever holds or held a post below; tries on accounts that nobody has are for every auditor."""
    mine = subtree(actor.authority_id)
    held = exists().where(Appointment.person_id == User.person_id)
    office = held.where(Appointment.office_id == Office.id, Office.authority_id.in_(mine))
    clerk = held.where(Appointment.institution_id == Institution.id, Institution.managing_authority_id.in_(mine))
    return or_(office, clerk, LoginEvent.user_id.is_(None))
