"""消息: what the acts of others and the passing of time told a person or their post."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, select, union_all
from sqlalchemy.orm import Session

from models import Case, Institution, Notice, OutboxMessage
from models.core import counted
from workflow.engine.permissions import Actor, sees
from workflow.engine.queries.inbox import PAGE


@dataclass(frozen=True, slots=True)
class Message:
    event: str
    payload: dict[str, Any]
    at: datetime
    number: str
    machine: str
    state: str
    name: str


def addressed(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """To the person, and to their post: one condition for each index."""
    post = and_(OutboxMessage.authority_id == actor.authority_id, OutboxMessage.role == actor.role)
    return OutboxMessage.person_id == actor.person_id, post


def messages(session: Session, actor: Actor, page: int) -> tuple[list[Message], int]:
    """One page, newest first, and how many there are. What the person no longer may see is left out."""
    name = func.coalesce(Institution.name, Notice.title, "")
    shown = (OutboxMessage.event, OutboxMessage.payload, OutboxMessage.created_at)
    query = select(*shown, Case.number, Case.machine, Case.state, name).join(Case, Case.id == OutboxMessage.case_id)
    query = query.outerjoin(Institution, Institution.id == Case.institution_id)
    query = query.outerjoin(Notice, Notice.case_id == Case.id)
    found = [
        select(OutboxMessage.id).join(Case, Case.id == OutboxMessage.case_id).where(one, sees(actor))
        for one in addressed(actor)
    ]
    newest = union_all(*(select(_last(one, page * PAGE).c.id) for one in found)).subquery()
    shown = select(newest.c.id).order_by(newest.c.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    rows = session.execute(query.where(OutboxMessage.id.in_(shown)).order_by(OutboxMessage.id.desc()))
    return [Message(*row) for row in rows], sum(counted(session, one) for one in found)


def _last(found: Select[int], most: int) -> Subquery:
    """The newest of one index, no more than the page asks for."""
    return found.order_by(OutboxMessage.id.desc()).limit(most).subquery()
