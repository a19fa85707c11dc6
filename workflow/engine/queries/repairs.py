"""信用修复 as its pages read it: an institution's records with their dates, and the repairs that wait for publicity."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Institution
from models.core import READY
from workflow.clock import legal_day
from workflow.engine import repairable
from workflow.engine.permissions import Actor
from workflow.engine.reads import Line, lines
from workflow.engine.refusal import NotFound, Refused
from workflow.engine.repairable import Repairable
from workflow.engine.standing import Standing, standing
from workflow.policies_in_force import policy_for
from workflow.rules.policy import PolicyRules, load


@dataclass(frozen=True)
class Standings:
    """`upgrade` is why no better grade can be applied for now; `against` are the ids of what holds the grade down."""

    rules: PolicyRules
    records: list[Repairable]
    now: Standing | None
    against: frozenset[int]
    upgrade: Refused | None


def rules_for(session: Session, one: Institution, at: datetime) -> PolicyRules | None:
    """The rules under which the institution may apply today; None where there are none, or more than one."""
    try:
        return load(policy_for(session, one, "repair", at))
    except Refused:
        return None


def standings(session: Session, institution_id: int, at: datetime) -> Standings | None:
    """Everything on file about the institution that can be shown to it with its dates."""
    one = session.get_one(Institution, institution_id)
    rules = rules_for(session, one, at)
    if rules is None:
        return None
    found = repairable.records(session, institution_id)
    now = standing(session, institution_id)
    against = _against(session, now, at)
    return Standings(
        rules, repairable.looked_at(session, rules, found, legal_day(at)), now, against, _upgrade(session, now, against)
    )


def of_clerk(session: Session, actor: Actor, at: datetime) -> Standings | None:
    if actor.institution_id is None:
        raise NotFound
    return standings(session, actor.institution_id, at)


def _against(session: Session, now: Standing | None, at: datetime) -> frozenset[int]:
    if now is None:
        return frozenset()
    found = now.now(session, legal_day(at))
    return frozenset(record for met in found.met if now.is_held_down_by(met.grade) for record in met.records)


def _upgrade(session: Session, now: Standing | None, against: frozenset[int]) -> Refused | None:
    if now is None:
        return Refused("no_standing_grade")
    if now.again:
        return Refused("re_evaluation_open")
    if not against:
        return Refused("best_grade")
    return Refused("upgrade_open") if repairable.open_upgrade(session, now.case["institution_id"]) else None


def awaiting_publicity(session: Session, actor: Actor) -> list[Line]:
    """The repairs that the actor's authority may show next."""
    here = (Case.machine == "repair", READY, Case.authority_id == actor.authority_id)
    return lines(session, list(session.scalars(select(Case.id).where(*here).order_by(Case.id))))


def policy_of(session: Session, cases: list[int]) -> int:
    """The policy of the repairs that one notice is to show."""
    found = session.scalars(select(Case.policy_id).where(Case.id.in_(cases), Case.machine == "repair").distinct()).all()
    if len(found) != 1:
        raise Refused("entries_not_ready")
    return found[0]
