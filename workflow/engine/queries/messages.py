"""消息: what the acts of others and the passing of time told a person or their post."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Case, Institution, Notice, OutboxMessage
from workflow.engine.permissions import Actor, sees
from workflow.engine.queries.inbox import PAGE, addressed


@dataclass(frozen=True, slots=True)
class Message:
    event: str
    payload: dict[str, Any]
    at: datetime
    number: str
    machine: str
    state: str
    name: str


def messages(session: Session, actor: Actor, page: int) -> tuple[list[Message], int]:
    """One page, newest first, and how many there are. What the person no longer may see is left out."""
    name = func.coalesce(Institution.name, Notice.title, "")
    shown = (OutboxMessage.event, OutboxMessage.payload, OutboxMessage.created_at)
    query = select(*shown, Case.number, Case.machine, Case.state, name).join(Case, Case.id == OutboxMessage.case_id)
    query = query.outerjoin(Institution, Institution.id == Case.institution_id)
    query = query.outerjoin(Notice, Notice.case_id == Case.id).where(addressed(actor), sees(actor))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(OutboxMessage.id.desc()).limit(PAGE).offset((page - 1) * PAGE))
    return [Message(*row) for row in rows], total
