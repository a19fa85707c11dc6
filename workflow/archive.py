"""诚信档案: recording, judging and voiding facts. Who found it, on what evidence, is part of every one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models import ArchiveRecord, Institution
from workflow.clock import legal_day
from workflow.engine.forms import Field, checked
from workflow.engine.permissions import OFFICIALS, Actor, subtree
from workflow.engine.refusal import NotFound, Refused

SEVERITIES = ("minor", "serious", "major")
RECORD = (
    Field("kind", "text", longest=64),
    Field("summary", "text", shortest=4, longest=500),
    Field("acted_on", "date"),
    Field("decided_on", "date", required=False),
    Field("acted_to", "date", required=False),
    Field("period_year", "whole", required=False, least=1990, most=2100),
    Field("finding_authority", "text", longest=200),
    Field("document_number", "text", required=False, longest=100),
    Field("evidence", shortest=4),
)
JUDGEMENT = (
    Field("severity", "choice", choices=SEVERITIES),
    Field("corrected_in_time", "choice", choices=("yes", "no")),
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
    if clean["acted_on"] > legal_day(at):
        raise Refused("form_invalid", fields={"acted_on": ("date_in_future", {"field": "acted_on"})})
    clean["document_number"] = clean["document_number"] or ""
    row = {"institution_id": institution_id, "recorded_by_id": actor.person_id, "created_at": at, **clean}
    _changed(session, institution_id)
    return session.execute(insert(ArchiveRecord).values(**row).returning(ArchiveRecord.id)).scalar_one()


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
    session.execute(update(ArchiveRecord).where(ArchiveRecord.id == record_id).values(**values))
    _changed(session, found.institution_id)


def void(session: Session, record_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Take a fact back because it was wrong. It stays on file, with the reason, and counts no more."""
    found = _record(session, record_id, actor)
    clean = checked((Field("reason", shortest=4),), {"reason": reason})
    values = {"voided_on": legal_day(at), "evidence": f"{found.evidence}\n{clean['reason']}"}
    session.execute(update(ArchiveRecord).where(ArchiveRecord.id == record_id).values(**values))
    _changed(session, found.institution_id)


def _changed(session: Session, institution_id: int) -> None:
    one = update(Institution).where(Institution.id == institution_id)
    session.execute(one.values(archive_version=Institution.archive_version + 1))


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
    if actor.role not in ("handler", "section_head"):
        raise Refused("not_yours", move="record")
