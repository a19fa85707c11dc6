"""Cases as the command line reads them: who runs it administers the machine, so no post narrows what is read."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from models import Authority, Case, Evaluation, Incident, Institution, Timer
from workflow.engine.plan import STEP
from workflow.engine.refusal import NotFound

Row = dict[str, Any]
COLUMNS = (
    Case.id,
    Case.number,
    Case.machine,
    Case.state,
    Case.step,
    Case.turn,
    Case.version,
    Case.due_at,
    Case.opened_at,
)


def cases(session: Session, *, machine: str = "", state: str = "", ids: Sequence[int] | None = None) -> list[Row]:
    """Oldest first. `state` with its step (`county_review.panel`) or without. `provisional`: `due_at` is a guess."""
    name, _, step = state.partition(".")
    own = (Timer.case_id == Case.id, Timer.purpose == STEP, Timer.status.in_(("armed", "parked")))
    unsure = exists().where(*own, Timer.kind.in_(("lapse", "overdue")), Timer.provisional).label("provisional")
    query = select(*COLUMNS, unsure, Institution.name, Authority.short_name.label("authority"), Evaluation.grade)
    query = query.outerjoin(Institution, Institution.id == Case.institution_id)
    query = query.join(Authority, Authority.id == Case.authority_id)
    query = query.outerjoin(Evaluation, Evaluation.case_id == Case.id).order_by(Case.id)
    for column, wanted in ((Case.machine, machine), (Case.state, name), (Case.step, step)):
        query = query.where(column == wanted) if wanted else query
    if ids is not None:
        query = query.where(Case.id.in_(ids))
    return [dict(row) for row in session.execute(query).mappings()]


def find(session: Session, reference: str) -> Case:
    """By number or by id. Raises NotFound."""
    same = Case.number == reference
    found = session.scalar(select(Case).where(or_(same, Case.id == int(reference)) if reference.isdecimal() else same))
    if found is None:
        raise NotFound
    return found


def timers(session: Session, case_id: int) -> list[Row]:
    shown = (Timer.purpose, Timer.kind, Timer.move, Timer.due_on, Timer.planned_at, Timer.provisional, Timer.status)
    query = select(*shown, Timer.rule_key).where(Timer.case_id == case_id, Timer.status.in_(("armed", "parked")))
    return [dict(row) for row in session.execute(query.order_by(Timer.planned_at)).mappings()]


def rungs(session: Session, case: Case) -> list[Row]:
    names = {row.id: row.short_name for row in session.execute(select(Authority.id, Authority.short_name))}
    return [{"level": rung["level"], "authority": names[rung["authority"]]} for rung in case.ladder]


def incidents(session: Session, *, closed: bool = False) -> list[Row]:
    columns = (Incident.id, Incident.kind, Incident.subject, Incident.detail, Incident.opened_at, Incident.closed_at)
    query = select(*columns, Incident.resolution, Case.number).outerjoin(Case, Case.id == Incident.case_id)
    query = query if closed else query.where(Incident.closed_at.is_(None))
    return [dict(row) for row in session.execute(query.order_by(Incident.id)).mappings()]
