"""事项列表: every case that the actor may see, and the documents issued in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from models import (
    Authority,
    Case,
    Delivery,
    Document,
    Evaluation,
    Institution,
    Notice,
    PublicityEntry,
)
from models.core import counted
from workflow.engine import calendars
from workflow.engine.permissions import Actor, sees
from workflow.engine.queries import due
from workflow.engine.queries.inbox import PAGE
from workflow.engine.queries.inbox_reach import matching
from workflow.engine.refusal import NotFound


@dataclass(frozen=True, slots=True)
class Asked:
    machine: str = ""
    state: str = ""
    words: str = ""
    round_id: int | None = None
    institution_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    number: str
    machine: str
    state: str
    step: str
    levels: list[str]
    name: str
    authority: str
    proposed: str | None
    grade: str | None
    left: due.DaysLeft | None


def cases(
    session: Session, actor: Actor, asked: Asked, page: int, at: datetime, total: int | None = None
) -> tuple[list[CaseLine], int]:
    """One page, newest first, and how many there are, where that is not known already."""
    name = func.coalesce(Institution.name, Notice.title, "")
    columns = (Case.id, Case.number, Case.machine, Case.state, Case.step, Case.ladder, name)
    holder = select(Authority.short_name).where(Authority.id == Case.authority_id).scalar_subquery()
    query = select(*columns, holder, Evaluation.proposed_grade, Evaluation.grade)
    query = query.outerjoin(Institution, Institution.id == Case.institution_id)
    query = query.outerjoin(Notice, Notice.case_id == Case.id).outerjoin(Evaluation, Evaluation.case_id == Case.id)
    found = select(Case.id).where(sees(actor), *_conditions(session, asked))
    total = counted(session, found) if total is None else total
    shown = found.order_by(Case.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    rows = session.execute(query.where(Case.id.in_(shown)).order_by(Case.id.desc())).all()
    timers, calendar = due.running(session, [row[0] for row in rows]), calendars.current(session)
    return [
        CaseLine(*row[1:5], [rung["level"] for rung in row[5]], *row[6:], _left(timers.get(row[0]), calendar, at))
        for row in rows
    ], total


def _left(timer: Any, calendar: Any, at: datetime) -> due.DaysLeft | None:
    return due.days_left(timer, calendar, at) if timer else None


def _conditions(session: Session, asked: Asked) -> list[Any]:
    found: list[Any] = [matching(session, asked.words)] if asked.words.strip() else []
    exact = {
        Case.machine: asked.machine,
        Case.state: asked.state,
        Case.round_id: asked.round_id,
        Case.institution_id: asked.institution_id,
    }
    return found + [column == value for column, value in exact.items() if value]


def document(session: Session, document_id: int, actor: Actor) -> Document:
    """A document that was issued by, or delivered in, a case that the actor sees, or issued by a notice over one."""
    mine = sees(actor)  # asked of the cases that the document belongs to, not of all there are
    issued = exists().where(Case.id == Document.case_id, mine)
    delivered = exists().where(Delivery.document_id == Document.id, Case.id == Delivery.case_id, mine)
    shown = exists().where(PublicityEntry.notice_id == Document.case_id, Case.id == PublicityEntry.subject_id, mine)
    query = select(Document).where(Document.id == document_id, or_(issued, delivered, shown))
    found = session.scalars(query).first()
    if found is None:
        raise NotFound
    return found
