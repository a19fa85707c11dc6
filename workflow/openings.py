"""How cases begin: a round over everyone in its scope, a notice, an objection, a re-review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from models import Authority, Case, Evaluation, Institution, Round
from models.people import LEVELS
from workflow.ahead import handler_of
from workflow.clock import legal_day
from workflow.engine import deeds
from workflow.engine.act import Outcome, Subject, start
from workflow.engine.load import facts_of, rules_of
from workflow.engine.permissions import SYSTEM, Actor, subtree
from workflow.engine.refusal import NotFound, Refused
from workflow.policies_in_force import covers, keep, line_of
from workflow.rules.policy import PolicyRules

SCHEME = "credit_grade"


def open_round(session: Session, policy_key: str, year: int, title: str, actor: Actor, at: datetime) -> int:
    """A round of the actor's authority. Its cases are opened one by one by `open_case`, so that it can be resumed."""
    if actor.role != "section_head" or actor.authority_id is None:
        raise Refused("not_yours", move="open")
    taken = (Round.authority_id == actor.authority_id, Round.scheme == SCHEME, Round.year == year)
    if session.scalar(select(Round.id).where(*taken)):
        raise Refused("round_exists", year=year)
    row = {
        "authority_id": actor.authority_id,
        "policy_id": keep(session, policy_key, "evaluation", at, actor),
        "scheme": SCHEME,
        "year": year,
        "title": title,
        "reference_date": legal_day(at),
        "opened_by_id": actor.person_id,
        "opened_at": at,
    }
    round_id = session.execute(insert(Round).values(**row).returning(Round.id)).scalar_one()
    if not still_to_open(session, round_id):
        raise Refused("nobody_in_scope", year=year)
    deeds.record(session, actor, at, "round_opened", round=round_id, policy=policy_key, year=year)
    return round_id


def still_to_open(session: Session, round_id: int) -> list[int]:
    """Institutions in the round's scope that have no case in it yet: nobody escapes by silence."""
    round_ = session.get_one(Round, round_id)
    rules = rules_of(session, round_.policy_id)
    done = select(Evaluation.institution_id).where(Evaluation.round_id == round_id)
    below = Institution.managing_authority_id.in_(subtree(round_.authority_id))
    query = select(Institution).where(below, Institution.id.not_in(done)).order_by(Institution.id)
    open_then = or_(Institution.closed_on.is_(None), Institution.closed_on > round_.reference_date)
    found = [one for one in session.scalars(query.where(open_then)) if covers(session, rules, one, round_.year)]
    return [one.id for one in found if not rated_with_parent(session, rules, one, round_.year)]


def rated_with_parent(session: Session, rules: PolicyRules, institution: Institution, year: int) -> bool:
    """Where the policy rates branches with the institution they belong to, and that one is rated under it too."""
    if rules.evaluation.branches != "with_parent" or institution.parent_id is None:
        return False
    return covers(session, rules, session.get_one(Institution, institution.parent_id), year)


def open_case(
    session: Session, round_id: int, institution_id: int, actor: Actor, request_id: str, at: datetime
) -> Outcome:
    round_ = session.get_one(Round, round_id)
    institution = session.get_one(Institution, institution_id)
    rules = rules_of(session, round_.policy_id)
    subject = Subject(
        policy_id=round_.policy_id,
        managing_authority_id=institution.managing_authority_id,
        ladder=ladder(session, rules, institution.managing_authority_id),
        institution_id=institution_id,
        round_id=round_id,
    )
    return start(session, "evaluation", subject, actor, request_id=request_id, at=at)


def ladder(session: Session, rules: PolicyRules, authority_id: int) -> list[dict[str, Any]]:
    """From the managing authority up its reporting line to the level that the policy names."""
    line = line_of(session, authority_id)
    top = rules.evaluation.ladder_to
    if top == "managing":
        line = line[:1]
    else:
        line = [one for one in line if LEVELS.index(one.level) <= LEVELS.index(top)] or line[:1]
    return [_rung(authority) for authority in line]


def draft_notice(
    session: Session, form: Mapping[str, Any], round_id: int, actor: Actor, request_id: str, at: datetime
) -> Outcome:
    """A notice over results of a round; `form`: title, opens_on, cases."""
    policy_id = session.get_one(Round, round_id).policy_id
    return draft_notice_under(session, form, policy_id, actor, request_id, at, round_id=round_id)


def draft_notice_under(
    session: Session,
    form: Mapping[str, Any],
    policy_id: int,
    actor: Actor,
    request_id: str,
    at: datetime,
    *,
    round_id: int | None = None,
) -> Outcome:
    """A notice of the actor's authority, as long as the policy says; without a round, over results of none."""
    if actor.authority_id is None:
        raise Refused("not_yours", move="draft")
    subject = Subject(policy_id, actor.authority_id, [], round_id=round_id)
    return start(session, "publicity", subject, actor, move="draft", form=form, request_id=request_id, at=at)


def object_to(
    session: Session, case_id: int, form: Mapping[str, Any], actor: Actor, request_id: str, at: datetime
) -> Outcome:
    """公示异议 against a case in publicity, by anyone; the publishing authority handles it."""
    handler = handler_of(facts_of(session, case_id, SYSTEM, at), "objection")
    return _about(session, "objection", case_id, handler, form, actor, request_id, at)


def apply_re_review(
    session: Session, case_id: int, form: Mapping[str, Any], actor: Actor, request_id: str, at: datetime
) -> Outcome:
    """复评 by the institution, before the authority above the publishing one or other people of the same, by policy."""
    facts = facts_of(session, case_id, SYSTEM, at)
    if facts.case["institution_id"] != actor.institution_id:
        raise NotFound
    handler = handler_of(facts, "re_review")
    return _about(session, "re_review", case_id, handler, form, actor, request_id, at)


def _about(
    session: Session,
    machine: str,
    case_id: int,
    handler: int,
    form: Mapping[str, Any],
    actor: Actor,
    request_id: str,
    at: datetime,
) -> Outcome:
    case = session.get_one(Case, case_id)
    subject = Subject(
        policy_id=case.policy_id,
        managing_authority_id=handler,
        ladder=[_rung(session.get_one(Authority, handler))],
        institution_id=case.institution_id,
        round_id=case.round_id,
        parent_id=case_id,
    )
    return start(session, machine, subject, actor, move="file", form=form, request_id=request_id, at=at)


def _rung(authority: Authority) -> dict[str, Any]:
    return {"level": authority.level, "authority": authority.id}
