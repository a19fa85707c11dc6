"""Policies as the database keeps them: a released file becomes a frozen row, and a case keeps that row."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Institution, Policy, PolicyReuse
from models.changes import adding, together
from workflow.clock import legal_day
from workflow.engine import deeds
from workflow.engine.permissions import SYSTEM, Actor
from workflow.engine.refusal import Refused
from workflow.rules.policy import PolicyRules, available, load


def keep(session: Session, key: str, machine: str, at: datetime, actor: Actor = SYSTEM) -> int:
    """The id of the policy's row, written the first time this content is used to run `machine`."""
    rules = load(key)
    if rules.content.policy.status != "released":
        raise Refused("policy_not_released", policy=key)
    if machine not in rules.machines:
        raise Refused("not_under_policy", policy=key)
    known = select(Policy.id).where(Policy.checksum == rules.checksum)
    if found := session.scalar(known):
        return found
    row = {"key": key, "checksum": rules.checksum, "title": rules.title, "body": rules.body, "loaded_at": at}
    if together(session, [adding(Policy, once=True).row(row)]) == [1]:  # of two who are first the second waits
        deeds.record(session, actor, at, "policy_adopted", policy=key, checksum=rules.checksum)
    return session.execute(known).scalar_one()


def line_of(session: Session, authority_id: int) -> list[Authority]:
    """An authority and those above it, in order."""
    line: list[Authority] = []
    current: int | None = authority_id
    while current is not None:
        authority = session.get_one(Authority, current)
        line.append(authority)
        current = authority.reports_to_id
    return line


def covers(session: Session, rules: PolicyRules, institution: Institution, year: int) -> bool:
    """No policy, no case: the institution's line, its kind, nature and the year, or a recorded decision to reuse
    (沿用)."""
    natures = rules.content.scope.natures
    if natures and institution.nature not in natures:
        return False
    codes = [authority.code for authority in line_of(session, institution.managing_authority_id)]
    if rules.covers(codes, institution.kind, year):
        return True
    years = rules.content.scope.years
    reuse = select(PolicyReuse.id).where(PolicyReuse.policy_key == rules.key, PolicyReuse.year == year)
    return bool(years) and rules.covers(codes, institution.kind, years[0]) and session.scalar(reuse) is not None


def policy_for(session: Session, institution: Institution, machine: str, at: datetime) -> str:
    """The one released policy under which a process of this institution runs today. None, or several, is a refusal:
    nothing is guessed."""
    rules = [load(key) for key in available()]
    running = [one for one in rules if machine in one.machines and one.content.policy.status == "released"]
    found = [one.key for one in running if covers(session, one, institution, legal_day(at).year)]
    if len(found) != 1:
        raise Refused("several_policies" if found else "no_policy", year=legal_day(at).year)
    return found[0]
