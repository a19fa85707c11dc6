"""One submission, one effect, for what is no move of a case (those have it from `act`)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Request
from models.base import canonical
from models.core import table_of
from workflow.engine.history import digest
from workflow.engine.permissions import Actor
from workflow.engine.refusal import Refused


def once(
    session: Session, request_id: str, asked: Mapping[str, Any], actor: Actor, at: datetime, verb: Callable[[], Any]
) -> Any:
    """The verb's answer (a number, a text or None): made when the form comes first, given again when it is repeated.

    A twin waits for the first. Another content under the same id is refused; what was refused may be sent again.
    """
    body = digest("sha256", canonical({"asked": asked, "person": actor.person_id, "kind": actor.kind}))
    requests = table_of(Request)
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    claim = dialect.insert(requests).values(id=request_id, body_hash=body, at=at).on_conflict_do_nothing()
    mine = requests.c.id == request_id
    if session.scalar(claim.returning(requests.c.id)) is None:
        stored = session.execute(select(requests.c.body_hash, requests.c.answer).where(mine)).one()
        if stored.body_hash != body:
            raise Refused("request_reused")
        return stored.answer["value"]
    answer = verb()
    session.execute(update(requests).where(mine).values(answer={"value": answer}))
    return answer
