"""诚信档案: recording, judging, publishing and voiding facts. Who found it, on what evidence, is part of every one.

The case of the grade in force is locked before the institution's row, as an act on it does; each act is recorded
(管理记录) last: that lock comes after all others.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from models import ArchiveRecord, Authority, Institution
from workflow.clock import legal_day
from workflow.engine import deeds
from workflow.engine.act import act
from workflow.engine.forms import Field, checked
from workflow.engine.permissions import KEEPERS, OFFICIALS, Actor, subtree
from workflow.engine.refusal import NotFound, Refused
from workflow.engine.standing import Standing, held
from workflow.policies_in_force import policy_for
from workflow.rules.policy import load
from workflow.rules.publication import NoOrder, window

SEVERITIES = ("minor", "serious", "major")
RECORD = (
    Field("kind", "text", longest=64),
    Field("summary", "text", shortest=4, longest=500),
    Field("acted_on", "date"),
    Field("acted_to", "date", required=False),
    Field("decided_on", "date", required=False),
    Field("period_year", "whole", required=False, least=1990, most=2100),
    Field("finding_authority", "text", longest=200),
    Field("document_number", "text", required=False, longest=100),
    Field("measure", "text", required=False, longest=100),
    Field("evidence", shortest=4),
)
JUDGEMENT = (
    Field("severity", "choice", choices=SEVERITIES),
    Field("corrected_in_time", "choice", choices=("yes", "no")),
    Field("evidence", shortest=4),
)

PUBLICATION = (
    Field("repair_class", "text", longest=64),
    Field("publish", "choice", choices=("yes", "no")),
    Field("evidence", shortest=4),
)


def record(
    session: Session, institution_id: int, kinds: Mapping[str, str], form: Any, actor: Actor, at: datetime
) -> int:
    """Enter one fact. `kinds` are the record kinds that the policy names."""
    _within(session, institution_id, actor)
    clean = checked(RECORD, form)
    if clean["kind"] not in kinds:
        raise Refused("form_invalid", fields={"kind": ("field_choice", {"field": "kind"})})
    ahead = [name for name in ("acted_on", "decided_on") if clean[name] and clean[name] > legal_day(at)]
    if ahead:
        raise Refused("form_invalid", fields={name: ("date_in_future", {"field": name}) for name in ahead})
    if clean["measure"] and clean["decided_on"] is None:
        raise Refused("form_invalid", fields={"decided_on": ("field_required", {"field": "decided_on"})})
    clean |= {name: clean[name] or "" for name in ("document_number", "measure")}
    row = {"institution_id": institution_id, "recorded_by_id": actor.person_id, "created_at": at, **clean}
    row["finding_authority_id"] = _authority_named(session, clean["finding_authority"])
    now = held(session, institution_id)
    _changed(session, institution_id)
    record_id = session.execute(insert(ArchiveRecord).values(**row).returning(ArchiveRecord.id)).scalar_one()
    _reevaluate(session, now, actor, at)
    deeds.record(session, actor, at, "record_entered", institution=institution_id, record=record_id)
    return record_id


def judge(session: Session, record_id: int, form: Any, actor: Actor, at: datetime) -> None:
    """Judge severity and correction: defined nowhere, so a person answers for it, with evidence (XC-11)."""
    found = _record(session, record_id, actor)
    clean = checked(JUDGEMENT, form)
    values = {
        "severity": clean["severity"],
        "corrected_in_time": clean["corrected_in_time"] == "yes",
        "evidence": f"{found.evidence}\n{clean['evidence']}",
        "judged_by_id": actor.person_id,
        "judged_at": at,
    }
    now = held(session, found.institution_id)
    session.execute(update(ArchiveRecord).where(ArchiveRecord.id == record_id).values(**values))
    _changed(session, found.institution_id)
    _reevaluate(session, now, actor, at)
    deeds.record(session, actor, at, "record_judged", institution=found.institution_id, record=record_id)


def publish(session: Session, record_id: int, form: Any, actor: Actor, at: datetime) -> None:
    """Class the act under the order of its day and, where it is made public, until when: 可修复日 follows from both."""
    found, clean = _record(session, record_id, actor), checked(PUBLICATION, form)
    if found.repaired_on is not None:
        raise Refused("already_repaired", on=found.repaired_on)
    if found.decided_on is None:
        raise Refused("decision_missing")
    rules = load(policy_for(session, session.get_one(Institution, found.institution_id), "repair", at))
    try:
        dates = window(rules.repair, clean["repair_class"], found.acted_on, found.acted_to, found.decided_on)
    except NoOrder as error:
        raise Refused("repair_rule_unknown", on=error.on) from error
    if dates is None:
        raise Refused("form_invalid", fields={"repair_class": ("class_not_of_order", {"on": found.decided_on})})
    if clean["publish"] == "yes" and dates.last < legal_day(at):
        raise Refused("publication_over", until=dates.last)
    shown = (legal_day(at), dates.last) if clean["publish"] == "yes" else (None, None)
    values = {
        "repair_class": clean["repair_class"],
        "classed_by_id": actor.person_id,
        "public_from": found.public_from if found.public_from and shown[0] else shown[0],
        "public_to": shown[1],
        "evidence": f"{found.evidence}\n{clean['evidence']}",
    }
    session.execute(update(ArchiveRecord).where(ArchiveRecord.id == record_id).values(**values))
    _changed(session, found.institution_id)
    deeds.record(session, actor, at, "record_classed", institution=found.institution_id, record=record_id)


def void(session: Session, record_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Take a fact back because it was wrong. It stays on file, with the reason, and counts no more."""
    found = _record(session, record_id, actor)
    clean = checked((Field("reason", shortest=4),), {"reason": reason})
    values = {"voided_on": legal_day(at), "evidence": f"{found.evidence}\n{clean['reason']}"}
    session.execute(update(ArchiveRecord).where(ArchiveRecord.id == record_id).values(**values))
    _changed(session, found.institution_id)
    deeds.record(session, actor, at, "record_voided", institution=found.institution_id, record=record_id)


def _changed(session: Session, institution_id: int) -> None:
    one = update(Institution).where(Institution.id == institution_id)
    session.execute(one.values(archive_version=Institution.archive_version + 1))


def _reevaluate(session: Session, now: Standing | None, actor: Actor, at: datetime) -> None:
    """XC-17: a fact that calls for a worse grade than the standing one opens its re-evaluation, there and then."""
    if now is None or now.again or now.rules.content.regrade is None:
        return
    found = now.now(session, legal_day(at))
    if not found.unjudged and now.is_worse(found.grade):
        act(session, now.case["id"], "reevaluate", actor, request_id=uuid4().hex, at=at)


def _authority_named(session: Session, name: str) -> int | None:
    """The finding authority, where it is one of ours: it alone may repair what it found."""
    named = or_(Authority.name == name.strip(), Authority.short_name == name.strip())
    return session.scalar(select(Authority.id).where(named).order_by(Authority.id).limit(1))


def _record(session: Session, record_id: int, actor: Actor) -> ArchiveRecord:
    found = session.get(ArchiveRecord, record_id)
    if found is None:
        raise NotFound
    _within(session, found.institution_id, actor)
    if found.voided_on is not None:
        raise Refused("record_voided")
    return found


def _within(session: Session, institution_id: int, actor: Actor) -> None:
    """Handlers and section heads of the managing authority or one above it keep the archive."""
    managed = Institution.managing_authority_id.in_(subtree(actor.authority_id))
    known = session.scalar(select(Institution.id).where(Institution.id == institution_id, managed))
    if known is None or actor.role not in OFFICIALS:
        raise NotFound
    if actor.role not in KEEPERS:
        raise Refused("not_yours", move="record")
