"""How a credit repair begins: an institution applies for one of its records, or for a better grade."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Institution
from workflow.engine import repairable
from workflow.engine.act import Outcome, Subject, start
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound, Refused
from workflow.policies_in_force import keep, line_of, policy_for


def apply(session: Session, form: Mapping[str, Any], actor: Actor, request_id: str, at: datetime) -> Outcome:
    """信用修复 of one record; the ladder ends at the authority that made the finding."""
    institution = _applicant(session, actor)
    wanted = [int(form["record"])] if str(form.get("record", "")).isdecimal() else []
    found = repairable.records(session, institution.id, wanted)
    if not found:
        raise Refused("form_invalid", fields={"record": ("record_unknown", {})})
    ladder = repairable.ladder(session, institution.managing_authority_id, found[0])
    return _start(session, institution, ladder, "apply", form, actor, request_id, at)


def apply_upgrade(session: Session, form: Mapping[str, Any], actor: Actor, request_id: str, at: datetime) -> Outcome:
    """上调等级: whether the records are remedied is for the managing authority; the grade is then evaluated again."""
    institution = _applicant(session, actor)
    home = line_of(session, institution.managing_authority_id)[0]
    ladder = [{"level": home.level, "authority": home.id}]
    return _start(session, institution, ladder, "apply_upgrade", form, actor, request_id, at)


def _applicant(session: Session, actor: Actor) -> Institution:
    """Locked, so that of two applications for one record the second sees the first."""
    mine = select(Institution).where(Institution.id == actor.institution_id)
    found = session.scalars(mine.with_for_update(key_share=True, of=Institution)).first()
    if actor.institution_id is None or found is None:
        raise NotFound
    return found


def _start(
    session: Session,
    institution: Institution,
    ladder: list[dict[str, Any]],
    move: str,
    form: Mapping[str, Any],
    actor: Actor,
    request_id: str,
    at: datetime,
) -> Outcome:
    policy_id = keep(session, policy_for(session, institution, "repair", at), "repair", at, actor)
    subject = Subject(policy_id, ladder[0]["authority"], ladder, institution_id=institution.id)
    return start(session, "repair", subject, actor, move=move, form=form, request_id=request_id, at=at)
