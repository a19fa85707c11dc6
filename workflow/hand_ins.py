"""报送: an authority below hands in its summary table and its list of models to the holder of the round (XC-30)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from models import Authority, Case, HandIn, Round
from workflow.clock import legal_day
from workflow.engine import calendars, deeds
from workflow.engine.load import rules_of
from workflow.engine.permissions import Actor
from workflow.engine.refusal import Refused
from workflow.rules.deadline import Deadline, DeadlineRule


@dataclass(frozen=True, slots=True)
class Handed:
    """One authority's papers: when each came, None while it has not."""

    authority_id: int
    authority: str
    papers: dict[str, datetime | None]


def asked(session: Session, one: Round) -> tuple[str, ...]:
    """The papers that the round's policy asks for; none in a round of recommendations."""
    return () if one.submit_by else rules_of(session, one.policy_id).evaluation.hand_in


def due(session: Session, one: Round) -> Deadline:
    """The last day: a date of the round's year, or so many days from its opening."""
    rule = rules_of(session, one.policy_id).deadline("hand_in")
    start = legal_day(one.opened_at) if isinstance(rule, DeadlineRule) else date(one.year, 1, 1)
    return calendars.deadline(rule, start, calendars.current(session))


def hand_in(session: Session, round_id: int, paper: str, actor: Actor, at: datetime) -> None:
    """By a handler of an authority that manages institutions in the round and does not hold it. Late is late, not
    refused."""
    one = session.scalar(select(Round).where(Round.id == round_id).with_for_update(key_share=True, of=Round))
    inside = exists().where(Case.round_id == round_id, Case.managing_authority_id == actor.authority_id)
    if one is None or actor.authority_id == one.authority_id or not session.scalar(select(inside)):
        raise Refused("not_yours", move="hand_in")
    if actor.role != "handler" or paper not in asked(session, one):
        raise Refused("not_yours", move="hand_in")
    key = {"round_id": round_id, "authority_id": actor.authority_id, "paper": paper}
    if session.get(HandIn, key):
        raise Refused("handed_in_already")
    session.execute(insert(HandIn).values(**key, person_id=actor.person_id, at=at))
    deeds.record(session, actor, at, f"handed_in_{paper}", round=round_id)


def handed(session: Session, one: Round, authorities: list[int]) -> list[Handed]:
    """Of these authorities, what each has handed in: by their codes, without the one that holds the round."""
    papers = asked(session, one)
    query = select(HandIn.authority_id, HandIn.paper, HandIn.at).where(HandIn.round_id == one.id)
    came = {(row.authority_id, row.paper): row.at for row in session.execute(query)}
    names = select(Authority.id, Authority.short_name).where(Authority.id.in_(authorities)).order_by(Authority.code)
    return [
        Handed(id, name, {paper: came.get((id, paper)) for paper in papers})
        for id, name in session.execute(names)
        if id != one.authority_id
    ]
