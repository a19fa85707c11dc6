"""签收: a document reaches its institution by its own act at the desk."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Delivery, Document
from workflow.clock import legal_day
from workflow.engine.act import act
from workflow.engine.permissions import Actor, holds_post
from workflow.engine.refusal import NotFound, Refused

MOVES = {"notification": "acknowledge"}
"""Documents whose delivery is a move of their case, because periods of the case start with it."""


def sign_for(session: Session, document_id: int, actor: Actor, request_id: str, at: datetime) -> None:
    """Delivered now, through the system. Raises NotFound for another institution's document."""
    mine = (Delivery.document_id == document_id, Delivery.institution_id == actor.institution_id)
    row = session.execute(select(Delivery.id, Delivery.case_id, Document.kind).join(Document).where(*mine)).first()
    if row is None:
        raise NotFound
    if move := MOVES.get(row.kind):
        act(session, row.case_id, move, actor, form={}, request_id=request_id, at=at)
        return
    if not holds_post(session, actor, legal_day(at)):
        raise Refused("post_ended")
    # An answer ends its case, and what has ended makes no more moves: the delivery row is the record.
    undelivered = update(Delivery).where(Delivery.id == row.id, Delivery.delivered_at.is_(None))
    session.execute(undelivered.values(delivered_at=at, how="portal"))
