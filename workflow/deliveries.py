"""签收: a document reaches its institution by its own act at the desk."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Delivery
from workflow.engine.act import act
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound


def sign_for(session: Session, document_id: int, actor: Actor, request_id: str, at: datetime) -> None:
    """Delivered now, through the system. Raises NotFound for another institution's document."""
    mine = (Delivery.document_id == document_id, Delivery.institution_id == actor.institution_id)
    case_id = session.scalar(select(Delivery.case_id).where(*mine))
    if case_id is None:
        raise NotFound
    act(session, case_id, "acknowledge", actor, form={}, request_id=request_id, at=at)
