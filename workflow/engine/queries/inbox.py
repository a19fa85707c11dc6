"""待办: what a person owes, what their office has, what they have done and begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models import Authority, Case, Evaluation, HistoryEntry, Institution, Notice, OutboxMessage, Person, Task
from models.core import table_of
from workflow.engine import calendars, permissions
from workflow.engine.permissions import Actor
from workflow.engine.queries import due
from workflow.engine.queries.independence import recusals
from workflow.engine.queries.nudges import counts as nudge_counts

PAGE = 50
Scope = Literal["todo", "office", "done", "started"]

_task, _case, _entry = table_of(Task), table_of(Case), table_of(HistoryEntry)
_from_authority, _parent = aliased(Authority), aliased(Evaluation)


@dataclass(frozen=True, slots=True)
class Filters:
    machine: str = ""
    overdue: bool = False
    words: str = ""
    page: int = 1


@dataclass(slots=True)
class Work:
    """One row of a list: a task with its case, or (without `task_id`) a case alone."""

    case_id: int
    number: str
    machine: str
    state: str
    step: str
    turn: int
    levels: list[str]
    name: str
    grade: str | None
    in_force: bool
    task_id: int | None
    purpose: str
    from_move: str
    from_actor: str
    from_at: datetime
    closed_at: datetime | None = None
    outcome: str = ""
    claimed_by: str = ""
    claimed_by_me: bool = False
    claimable: bool = False
    left: due.DaysLeft | None = None
    recusal: str = ""
    nudges: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    rows: list[Work]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the navigation shows."""

    todo: int = 0
    overdue: int = 0
    office: int = 0
    messages: int = 0


def mine(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Which tasks a list shows. A colleague's panel seat is theirs alone; work that a colleague signed for is shown."""
    if scope == "done":
        return Task.closed_by_id == actor.person_id
    if scope == "office":
        pool = or_(Task.person_id.is_(None), Task.claimed_at.is_not(None))
        return and_(Task.closed_at.is_(None), permissions.post_matches(Task, actor), pool)
    return and_(Task.closed_at.is_(None), permissions.owes(Task, actor))


def counts(session: Session, actor: Actor, at: datetime) -> Counts:
    late = func.count().filter(Task.due_at <= at)
    todo, overdue = session.execute(select(func.count(), late).where(mine(actor, "todo"))).one()
    office = session.scalar(select(func.count()).select_from(Task).where(mine(actor, "office")))
    messages = session.scalar(select(func.count()).select_from(OutboxMessage).where(addressed(actor)))
    return Counts(todo, overdue, office or 0, messages or 0)


def listed(session: Session, actor: Actor, scope: Scope, filters: Filters, at: datetime) -> Listed:
    """One page of a list, the most urgent first; what is closed or begun, newest first."""
    query = _cases(actor) if scope == "started" else _tasks(actor, scope)
    query = _filtered(query, filters, at, by_task=scope != "started")
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page = max(1, min(filters.page, -(-total // PAGE)))
    order: Sequence[Any] = (Task.due_at.is_(None), Task.due_at, Task.id)
    if scope == "done":
        order = (Task.closed_at.desc(), Task.id.desc())
    elif scope == "started":
        order = (Case.id.desc(),)
    found = session.execute(query.order_by(*order).limit(PAGE).offset((page - 1) * PAGE)).mappings()
    rows = [_work(row, actor) for row in found]
    if scope in ("todo", "office"):
        _time(session, rows, at)
        reasons = recusals(session, [row.case_id for row in rows], actor, at)
        pressed = nudge_counts(session, {row.case_id for row in rows})
        for row in rows:
            row.nudges = pressed.get(row.case_id, 0) if row.purpose == "work" else 0
            row.recusal = reasons.get(row.case_id, "") if row.purpose == "work" else ""
    return Listed(rows, total, page)


def _columns() -> tuple[Any, ...]:
    return (
        _case.c.id.label("case_id"),
        *(_case.c[name] for name in ("number", "machine", "state", "step", "turn", "ladder", "opened_at")),
        func.coalesce(Institution.name, Notice.title, "").label("name"),
        func.coalesce(Evaluation.grade, Evaluation.proposed_grade, _parent.grade, _parent.proposed_grade).label(
            "grade"
        ),
        func.coalesce(Evaluation.grade, _parent.grade).is_not(None).label("in_force"),
    )


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.outerjoin(Institution, Institution.id == _case.c.institution_id)
        .outerjoin(Notice, Notice.case_id == _case.c.id)
        .outerjoin(Evaluation, Evaluation.case_id == _case.c.id)
        .outerjoin(_parent, _parent.case_id == _case.c.parent_id)
    )


def _tasks(actor: Actor, scope: Scope) -> Select[Any]:
    sender, holder = aliased(Person), aliased(Person)
    columns = (
        _task.c.id.label("task_id"),
        *(_task.c[name] for name in ("purpose", "closed_at", "outcome", "person_id", "claimed_at")),
        _entry.c.move.label("from_move"),
        _entry.c.at.label("from_at"),
        func.coalesce(_from_authority.short_name, sender.name, "").label("from_actor"),
        func.coalesce(holder.name, "").label("holder"),
    )
    query = select(*_columns(), *columns).select_from(_task).join(_case, _case.c.id == _task.c.case_id)
    query = query.outerjoin(_entry, and_(_entry.c.case_id == _task.c.case_id, _entry.c.seq == _task.c.seq))
    query = query.outerjoin(_from_authority, _from_authority.id == _entry.c.authority_id)
    query = query.outerjoin(sender, sender.id == _entry.c.person_id).outerjoin(holder, holder.id == _task.c.person_id)
    return _joined(query).where(mine(actor, scope))


def _cases(actor: Actor) -> Select[Any]:
    begun = exists().where(
        HistoryEntry.case_id == Case.id, HistoryEntry.seq == 1, HistoryEntry.person_id == actor.person_id
    )
    nothing = (literal(None).label("task_id"), literal("").label("purpose"), literal(None).label("closed_at"))
    who = (literal(None).label("outcome"), literal(None).label("person_id"), literal(None).label("claimed_at"))
    origin = (literal("").label("from_move"), _case.c.opened_at.label("from_at"), literal("").label("from_actor"))
    query = select(*_columns(), *nothing, *who, *origin, literal("").label("holder")).select_from(_case)
    return _joined(query).where(begun, permissions.sees(actor))


def matching(words: str) -> ColumnElement[bool]:
    """By a part of the name, of its pinyin, of the code or of the case number."""
    like = f"%{words.strip().replace('%', '').replace('_', '')}%"
    wanted = (Institution.name, Institution.pinyin, Institution.credit_code, _case.c.number, Notice.title)
    return or_(*(column.ilike(like) for column in wanted))


def _filtered(query: Select[Any], filters: Filters, at: datetime, *, by_task: bool) -> Select[Any]:
    if filters.machine:
        query = query.where(_case.c.machine == filters.machine)
    if filters.overdue:
        query = query.where((_task if by_task else _case).c.due_at <= at)
    return query.where(matching(filters.words)) if filters.words.strip() else query


def _work(row: Any, actor: Actor) -> Work:
    names = (
        "case_id",
        "number",
        "machine",
        "state",
        "step",
        "turn",
        "name",
        "grade",
        "task_id",
        "purpose",
        "from_move",
    )
    claimed = row["claimed_at"] is not None
    return Work(
        **{name: row[name] for name in names},
        in_force=bool(row["in_force"]),
        levels=[rung["level"] for rung in row["ladder"]],
        from_actor=row["from_actor"],
        from_at=row["from_at"],
        closed_at=row["closed_at"],
        outcome=row["outcome"] or "",
        claimed_by=row["holder"] if claimed else "",
        claimed_by_me=claimed and row["person_id"] == actor.person_id,
        claimable=row["task_id"] is not None and row["person_id"] is None,
    )


def _time(session: Session, rows: list[Work], at: datetime) -> None:
    timers, calendar = due.running(session, {row.case_id for row in rows}), calendars.current(session)
    for row in rows:
        timer = timers.get(row.case_id)
        row.left = due.days_left(timer, calendar, at) if timer else None


def addressed(actor: Actor) -> ColumnElement[bool]:
    """In-app messages to the person, or to their post."""
    post = and_(OutboxMessage.authority_id == actor.authority_id, OutboxMessage.role == actor.role)
    return or_(OutboxMessage.person_id == actor.person_id, post)
