"""What a list of work reaches: whose tasks it shows, and what it is narrowed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from models import Case, Evaluation, HistoryEntry, Institution, Notice, Task
from models.base import Instant
from workflow.clock import SHANGHAI, legal_day
from workflow.engine import permissions
from workflow.engine.permissions import Actor

MOST = 1000
"""Counting stops here."""
Scope = Literal["todo", "office", "done", "started"]
Spell = Literal["", "over", "today", "week"]
SPELLS: tuple[Spell, ...] = ("over", "today", "week")
BLANK_ENDS: dict[str, Any] = {spell: bindparam(spell, type_=Instant()) for spell in SPELLS}
CAME_BACK = ("rework", "return_down", "disagree", "correct", "supply", "settle")
"""Moves that bring work to somebody for the second time."""


@dataclass(frozen=True, slots=True)
class Filters:
    machine: str = ""
    round_id: int = 0
    authority_id: int = 0
    grade: str = ""
    due: Spell = ""
    back: bool = False
    words: str = ""


def mine(actor: Actor, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Which tasks a list shows, one condition for each index. A colleague's panel seat is theirs alone; work that a
    colleague has signed for stands in the office's list."""
    if scope == "done":
        return (Task.closed_by_id == actor.person_id,)
    if scope == "office":
        return (and_(at_post(actor), or_(Task.person_id.is_(None), Task.claimed_at.is_not(None))),)
    free_or_own = or_(Task.person_id.is_(None), Task.person_id == actor.person_id)
    return and_(at_post(actor), free_or_own), elsewhere(actor)


def at_post(actor: Actor) -> ColumnElement[bool]:
    return and_(Task.closed_at.is_(None), permissions.post_matches(Task, actor))


def elsewhere(actor: Actor) -> ColumnElement[bool]:
    """What the person was designated for at another post."""
    own = and_(Task.person_id == actor.person_id, Task.designated, not_(permissions.post_matches(Task, actor)))
    return and_(Task.closed_at.is_(None), own)


def narrowed(
    query: Select[Any], filters: Filters, due: Any, ends: Mapping[str, Any], hit: ColumnElement[bool] | None
) -> Select[Any]:
    exact = {
        Case.machine: filters.machine,
        Case.round_id: filters.round_id,
        Case.managing_authority_id: filters.authority_id,
    }
    query = query.where(*(column == value for column, value in exact.items() if value))
    query = query.where(*within(due, filters.due, ends))
    if filters.grade:
        parent = aliased(Evaluation)
        query = query.outerjoin(Evaluation, Evaluation.case_id == Case.id)
        query = query.outerjoin(parent, parent.case_id == Case.parent_id)
        query = query.where(func.coalesce(*grades(Evaluation), *grades(parent)) == filters.grade)
    if filters.back and due is Task.due_at:
        came = (HistoryEntry.case_id == Task.case_id, HistoryEntry.seq == Task.seq, HistoryEntry.move.in_(CAME_BACK))
        query = query.where(exists().where(*came))
    return query if hit is None else query.where(hit)


def grades(evaluation: Any) -> tuple[Any, Any]:
    """The grade in force, else the one proposed."""
    return evaluation.grade, evaluation.proposed_grade


def within(due: Any, spell: Spell, ends: Mapping[str, Any]) -> tuple[ColumnElement[bool], ...]:
    if not spell:
        return ()
    return (due <= ends["over"],) if spell == "over" else (due > ends["over"], due <= ends[spell])


def ends_at(at: datetime) -> dict[str, datetime]:
    """By spell, the instant up to which work is due in it."""
    today = legal_day(at)
    return {"over": at, "today": _end_of(today), "week": _end_of(today + timedelta(days=6 - today.weekday()))}


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def matching(session: Session, words: str) -> ColumnElement[bool]:
    """Cases by a part of the name, of its pinyin (initials, or in full), of the code, of the notice's title or of the
    case number. Names are looked up once for a page and all its counts, unless nearly everybody has such a one."""
    like = f"%{words.strip().replace('%', '').replace('_', '')}%"
    spelt = (Institution.pinyin, Institution.credit_code) if words.isascii() else ()
    named = (Institution.name, *spelt)
    institutions = select(Institution.id).where(or_(*(column.ilike(like) for column in named)))
    notices = select(Notice.case_id).where(Notice.title.ilike(like))
    known = session.scalars(institutions.limit(MOST + 1)).all()
    theirs = Case.institution_id.in_(known if len(known) <= MOST else institutions)
    return or_(theirs, Case.id.in_(notices), Case.number.ilike(like))
