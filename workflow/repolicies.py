"""换用规则 from a door: which policies a case could go on under, and the act itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Policy
from workflow.engine.act import Outcome, act
from workflow.engine.clockwork import must_recuse
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of, rules_of, table_named
from workflow.engine.machine import compiled
from workflow.engine.permissions import Actor
from workflow.engine.refusal import Refused
from workflow.engine.repolicy import Preview, covers, preview, why_not
from workflow.policies_in_force import keep
from workflow.rules.policy import PolicyRules, available, load

MOVE = "change_policy"


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    title: str
    checksum: str


def choices(session: Session, facts: Facts) -> list[Choice]:
    """Released policies that cover this case, and those that any case has run under before; not its own."""
    released = (one for one in _known(session) if one.content.policy.status == "released")
    found = {one.checksum: one for one in released if covers(facts, one)}
    found.pop(facts.rules.checksum, None)
    return [Choice(one.key, one.title, one.checksum) for one in found.values()]


def ahead(session: Session, facts: Facts, checksum: str) -> tuple[Preview, str | None]:
    """What would differ, and why it may not be."""
    rules = next((one for one in _known(session) if one.checksum == checksum), None)
    if rules is None:
        raise Refused("policy_unknown")
    new = compiled(table_named(facts.case["machine"]), rules)
    return preview(facts, new), must_recuse(facts) or why_not(facts, new)


def move(
    session: Session, case_id: int, checksum: str, opinion: str, actor: Actor, request_id: str, seen: int, at: datetime
) -> Outcome:
    _kept(session, facts_of(session, case_id, actor, at), checksum, actor, at)
    form = {"policy": checksum, "opinion": opinion}
    return act(session, case_id, MOVE, actor, form=form, seen_version=seen, request_id=request_id, at=at)


def _known(session: Session) -> list[PolicyRules]:
    kept = session.scalars(select(Policy.id).order_by(Policy.id.desc()))
    return [*(load(key) for key in available()), *(rules_of(session, id) for id in kept)]


def _kept(session: Session, facts: Facts, checksum: str, actor: Actor, at: datetime) -> None:
    """A policy file is kept when it is first used, as when a round is opened under it."""
    if session.scalar(select(Policy.id).where(Policy.checksum == checksum)):
        return
    key = next((key for key in available() if load(key).checksum == checksum), None)
    if key is None:
        raise Refused("policy_unknown")
    keep(session, key, facts.case["machine"], at, actor)
