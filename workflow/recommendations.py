"""推荐批次: a round with its quotas, how candidates enter it, and what an authority adds to its list."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, insert, or_, select
from sqlalchemy.orm import Session

from models import Attachment, Authority, Case, Evaluation, Institution, MaterialFile, Quota, Recommendation, Round
from workflow.clock import legal_day
from workflow.engine import calendars, deeds
from workflow.engine.act import Outcome, Subject, start
from workflow.engine.load import rules_of
from workflow.engine.permissions import Actor, subtree
from workflow.engine.quota import climbed
from workflow.engine.refusal import NotFound, Refused
from workflow.policies_in_force import covers, keep, line_of
from workflow.rules.policy import PolicyRules, load
from workflow.rules.policy_recommendation import SeatTable, Share


def open_round(
    session: Session, policy_key: str, honour: str, year: int, title: str, actor: Actor, at: datetime
) -> int:
    """A round for one honour, with a quota for every authority that the policy gives one."""
    if actor.role != "section_head" or actor.authority_id is None:
        raise Refused("not_yours", move="open")
    rules, policy_id = load(policy_key), keep(session, policy_key, "recommendation", at, actor)
    if honour not in rules.recommendation.honours:
        raise Refused("honour_unknown", honour=honour)
    _one_round(session, actor.authority_id, honour, year)
    ends = calendars.deadline(rules.deadline("submission"), date(year, 1, 1), calendars.current(session)).instant
    if at >= ends:
        raise Refused("round_over")
    row = {
        "authority_id": actor.authority_id,
        "policy_id": policy_id,
        "scheme": honour,
        "year": year,
        "title": title,
        "reference_date": legal_day(at),
        "submit_by": ends,
        "opened_by_id": actor.person_id,
        "opened_at": at,
    }
    round_id = session.execute(insert(Round).values(**row).returning(Round.id)).scalar_one()
    quotas = list(_quotas(session, rules, honour, actor.authority_id, legal_day(at)))
    if not quotas:
        raise Refused("nobody_in_scope", year=year)
    session.execute(insert(Quota), [{**quota, "round_id": round_id} for quota in quotas])
    deeds.record(session, actor, at, "round_opened", round=round_id, policy=policy_key, year=year)
    return round_id


def _one_round(session: Session, authority_id: int, honour: str, year: int) -> None:
    """Of one honour a year has one round on a line: the same institutions are never the base of two quotas. Whoever
    opens one above and one below at once meets at the line's top."""
    line = line_of(session, authority_id)
    session.execute(select(Authority.id).where(Authority.id == line[-1].id).with_for_update(key_share=True))
    near = or_(Round.authority_id.in_([one.id for one in line]), Round.authority_id.in_(subtree(authority_id)))
    taken = select(Round.authority_id).where(near, Round.scheme == honour, Round.year == year).limit(1)
    holder = session.scalar(taken)
    if holder == authority_id:
        raise Refused("round_exists", year=year)
    if holder is not None:
        raise Refused("round_elsewhere", year=year, authority=session.get_one(Authority, holder).short_name)


def _quotas(session: Session, rules: PolicyRules, honour: str, top: int, on: date) -> Iterator[dict[str, Any]]:
    rule = rules.recommendation.honours[honour].quota
    if isinstance(rule, Share):
        return _shares(session, rule, top, on)
    return _listed(session, rule, top, on)


def _listed(session: Session, rule: SeatTable, top: int, on: date) -> Iterator[dict[str, Any]]:
    """名额分配表, as it names the authorities; one that the register lacks on the day is not passed over in silence."""
    below = select(Authority).where(Authority.id.in_(subtree(top)), Authority.valid_from <= on)
    known = {one.code: one for one in session.scalars(below) if one.valid_to is None or one.valid_to >= on}
    if absent := sorted(rule.seats.keys() - known.keys()):
        raise Refused("quota_authority_missing", list="、".join(absent))
    for code, seats in rule.seats.items():
        yield {"authority_id": known[code].id, "seats": seats, "counted": None}


def _shares(session: Session, rule: Share, top: int, on: date) -> Iterator[dict[str, Any]]:
    """A dated snapshot of who holds the grade: a unit with too few counts with the one that pools them."""
    counted: dict[int, list[int]] = defaultdict(list)
    for managing, institution in _graded(session, rule, top, on):
        counted[managing].append(institution)
    pools = {
        unit: next((one.id for one in line_of(session, unit) if one.level == rule.pool_at), unit) for unit in counted
    }
    for authority, institutions in sorted(rule.bases(counted, pools).items()):
        yield {"authority_id": authority, "seats": rule.of(len(institutions)), "counted": sorted(institutions)}


def _graded(session: Session, rule: Share, top: int, on: date) -> Iterator[tuple[int, int]]:
    query = select(Institution.managing_authority_id, Institution.id).distinct()
    query = query.join(Evaluation, Evaluation.institution_id == Institution.id)
    query = query.join(Case, Case.id == Evaluation.case_id).where(Case.state == "effective")
    holds = (Evaluation.effective_from <= on, Evaluation.expires_on >= on, Evaluation.suspended.is_(False))
    below = Institution.managing_authority_id.in_(subtree(top))
    for row in session.execute(query.where(*holds, below, Evaluation.grade.in_(rule.grades)).order_by(Institution.id)):
        yield row.managing_authority_id, row.id


# --- candidates


def apply(
    session: Session, round_id: int, form: Mapping[str, Any], actor: Actor, request_id: str, at: datetime
) -> Outcome:
    """The institution's own application."""
    if actor.institution_id is None:
        raise NotFound
    _hold(session, actor.institution_id)
    subject = candidate(session, round_id, actor.institution_id)
    return start(session, "recommendation", subject, actor, move="apply", form=form, request_id=request_id, at=at)


def nominate(
    session: Session,
    round_id: int,
    institution_id: int,
    form: Mapping[str, Any],
    actor: Actor,
    request_id: str,
    at: datetime,
) -> Outcome:
    """By the authority that manages the institution."""
    _hold(session, institution_id)
    subject = candidate(session, round_id, institution_id)
    return start(session, "recommendation", subject, actor, move="nominate", form=form, request_id=request_id, at=at)


def _hold(session: Session, institution_id: int) -> None:
    """Of two applications of one institution at once the second waits, and is told of the first."""
    session.execute(select(Institution.id).where(Institution.id == institution_id).with_for_update(key_share=True))


def candidate(session: Session, round_id: int, institution_id: int) -> Subject:
    """Raises Refused for an institution that the policy does not cover or that falls under nobody's quota."""
    round_, institution = session.get_one(Round, round_id), session.get_one(Institution, institution_id)
    rules = rules_of(session, round_.policy_id)
    if round_.submit_by is None or not covers(session, rules, institution, round_.year):
        raise Refused("not_in_scope")
    return Subject(
        policy_id=round_.policy_id,
        managing_authority_id=institution.managing_authority_id,
        ladder=ladder(session, rules, round_id, institution.managing_authority_id),
        institution_id=institution_id,
        round_id=round_id,
    )


def ladder(session: Session, rules: PolicyRules, round_id: int, managing_id: int) -> list[dict[str, Any]]:
    """From the managing authority, or from the quota's holder, up to who decides; the holder `publishes` its list."""
    line, held = line_of(session, managing_id), select(Quota.authority_id).where(Quota.round_id == round_id)
    holders = set(session.scalars(held))
    place = next((number for number, one in enumerate(line) if one.id in holders), None)
    if place is None:
        raise Refused("no_quota")
    rungs = [{"level": one.level, "authority": one.id} for one in climbed(line, place, rules)]
    return [rung | {"publishes": True} if rung["authority"] == line[place].id else rung for rung in rungs]


# --- quotas


def set_seats(session: Session, quota_id: int, seats: int, actor: Actor, at: datetime) -> None:
    """Fewer seats than the rule gives, or again as many: never more, and never fewer than are already taken."""
    quota = session.scalars(select(Quota).where(Quota.id == quota_id).with_for_update()).one_or_none()
    round_ = session.get_one(Round, quota.round_id) if quota else None
    if quota is None or round_ is None or (actor.role, actor.authority_id) != ("section_head", round_.authority_id):
        raise NotFound
    taken = select(func.count()).where(Recommendation.quota_id == quota_id, Recommendation.seated_at.is_not(None))
    nominated, most = session.scalar(taken) or 0, by_rule(session, quota, round_)
    if seats < nominated:
        wrong = ("quota_below_nominated", {"seats": seats, "taken": nominated})
        raise Refused("form_invalid", fields={"seats": wrong})
    if seats > most:
        raise Refused("form_invalid", fields={"seats": ("quota_above_rule", {"seats": seats, "most": most})})
    deeds.record(session, actor, at, "quota_changed", quota=quota_id, old=quota.seats, new=seats)
    quota.seats = seats


def by_rule(session: Session, quota: Quota, round_: Round) -> int:
    """What the policy itself gives the authority in this round."""
    rule = rules_of(session, round_.policy_id).recommendation.honours[round_.scheme].quota
    if isinstance(rule, Share):
        return rule.of(len(quota.counted or []))
    return rule.seats[session.get_one(Authority, quota.authority_id).code]


def file_summary(session: Session, quota_id: int, attachment_id: int, actor: Actor, at: datetime) -> None:
    """工作总结 of the authority whose list it is (SD-46): a file that is part of nothing else."""
    quota = session.scalars(select(Quota).where(Quota.id == quota_id).with_for_update()).one_or_none()
    if quota is None or (actor.role, actor.authority_id) != ("handler", quota.authority_id):
        raise NotFound
    handed_in = exists().where(MaterialFile.attachment_id == Attachment.id)
    filed = exists().where(Quota.summary_id == Attachment.id, Quota.id != quota_id)
    free = select(Attachment.id).where(Attachment.id == attachment_id, ~handed_in, ~filed)
    if session.scalar(free) is None:
        raise Refused("form_invalid", fields={"files": ("field_ids", {"field": "files"})})
    quota.summary_id = attachment_id
    deeds.record(session, actor, at, "summary_filed", quota=quota_id, attachment=attachment_id)
