"""Who must recuse themselves from which cases of a list. The rule is engine/independence; this spares asking it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Appointment, Case, Decision, Interest, ResponsiblePerson
from workflow.engine.load import facts_of
from workflow.engine.permissions import Actor


def recusals(session: Session, case_ids: Sequence[int], actor: Actor, at: datetime) -> dict[int, str]:
    """The reason by case, for cases whose present step asks for a decision that the actor may not make."""
    found: dict[int, str] = {}
    for case_id in _suspects(session, case_ids, actor):
        facts = facts_of(session, case_id, actor, at)
        decides = any(row.decides for row in facts.machine.moves if row.source == facts.full_state)
        reason = facts.barred.get(actor.person_id or 0)
        if decides and reason:
            found[case_id] = reason
    return found


def _suspects(session: Session, case_ids: Sequence[int], actor: Actor) -> list[int]:
    """Cases in whose neighbourhood the person has left any trace at all."""
    voiced = select(Decision.case_id).where(Decision.person_id == actor.person_id)
    close = [
        select(model.institution_id).where(model.person_id == actor.person_id, model.institution_id.is_not(None))
        for model in (Appointment, ResponsiblePerson, Interest)
    ]
    near = [Case.id.in_(voiced), Case.parent_id.in_(voiced), *(Case.institution_id.in_(query) for query in close)]
    return list(session.scalars(select(Case.id).where(Case.id.in_(case_ids), or_(*near))))
