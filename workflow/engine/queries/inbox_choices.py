"""What a list of work may be narrowed to: the rounds and the authorities that the actor has to do with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Round
from workflow.engine.permissions import Actor, subtree
from workflow.engine.queries.rounds import entered


def rounds(session: Session, actor: Actor, most: int = 12) -> list[tuple[int, str]]:
    """The newest rounds that hold a case which the actor sees, or that their authority opened."""
    query = select(Round.id, Round.title).where(entered(actor))
    return [
        (id, title) for id, title in session.execute(query.order_by(Round.year.desc(), Round.id.desc()).limit(most))
    ]


def authorities(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """The actor's authority and those below it, in the order of their codes."""
    query = select(Authority.id, Authority.short_name).where(Authority.id.in_(subtree(actor.authority_id)))
    return [(id, name) for id, name in session.execute(query.order_by(Authority.code))]
