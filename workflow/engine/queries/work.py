"""The rows of the inbox: a page's tasks or cases with what an official reads of each at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, literal, select, type_coerce
from sqlalchemy.orm import Session, aliased

from models import Authority, Case, Draft, Evaluation, HistoryEntry, Institution, Notice, Person, Policy, Remark, Task
from models.base import RepeatedJson
from models.core import table_of
from models.ids import among
from models.prepared import Query
from workflow.engine import calendars
from workflow.engine.permissions import Actor
from workflow.engine.plan import STEP
from workflow.engine.queries import due
from workflow.engine.queries.inbox_reach import Scope, grades
from workflow.engine.queries.independence import recusals_at
from workflow.engine.queries.nudges import counts as nudge_counts

_task, _case, _entry = table_of(Task), table_of(Case), table_of(HistoryEntry)
_from_authority, _parent = aliased(Authority), aliased(Evaluation)


@dataclass(slots=True)
class Work:
    """One row of a list: a task with its case, or (without `task_id`) a case alone. `why` is the opinion with which
    the work came."""

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
    from_kind: str
    from_at: datetime
    why: str = ""
    due_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    claimed_by: str = ""
    claimed_by_me: bool = False
    claimable: bool = False
    left: due.DaysLeft | None = None
    recusal: str = ""
    nudges: int = 0
    drafted: bool = False
    """The reader has left its page with something typed."""


def rows(session: Session, actor: Actor, scope: Scope, ids: Sequence[int], at: datetime) -> list[Work]:
    """The rows of these ids, in their order. Read by key: as quick in a long list as in a short one."""
    query = _CASES if scope == "started" else _TASKS
    read = query.all(session, {"ids": ids, "me": actor.person_id})
    found = {row.case_id if scope == "started" else row.task_id: _work(row, actor) for row in read}
    shown = [found[one] for one in ids]
    if scope in ("todo", "office"):
        reasons = recusals_at(session, {row.case_id: row for row in read}.values(), actor, at)
        _press(session, shown, reasons, at)
    return shown


def _press(session: Session, shown: list[Work], reasons: dict[int, str], at: datetime) -> None:
    """What urges or bars the actor: the time left, recusal, nudges."""
    cases = {row.case_id for row in shown}
    clocks, calendar = due.faces(session, cases), calendars.current(session)
    pressed = nudge_counts(session, cases)
    for row in shown:
        if timer := clocks.get((row.case_id, row.purpose)) or clocks.get((row.case_id, STEP)):
            row.left = due.days_left(timer, calendar, at)
        if row.purpose == "work":
            row.nudges, row.recusal = pressed.get(row.case_id, 0), reasons.get(row.case_id, "")


def _columns() -> tuple[Any, ...]:
    return (
        _case.c.id.label("case_id"),
        *(_case.c[name] for name in ("number", "machine", "state", "step", "turn")),
        type_coerce(_case.c.ladder, RepeatedJson).label("ladder"),
        func.coalesce(Institution.name, Notice.title, "").label("name"),
        func.coalesce(*grades(Evaluation), *grades(_parent)).label("grade"),
        func.coalesce(Evaluation.grade, _parent.grade).is_not(None).label("in_force"),
        Policy.checksum,
    )


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Policy, Policy.id == _case.c.policy_id)
        .outerjoin(Institution, Institution.id == _case.c.institution_id)
        .outerjoin(Notice, Notice.case_id == _case.c.id)
        .outerjoin(Evaluation, Evaluation.case_id == _case.c.id)
        .outerjoin(_parent, _parent.case_id == _case.c.parent_id)
    )


def _tasks() -> Select[Any]:
    sender, holder = aliased(Person), aliased(Person)
    columns = (
        _task.c.id.label("task_id"),
        *(_task.c[name] for name in ("purpose", "due_at", "closed_at", "outcome", "person_id", "claimed_at")),
        _entry.c.move.label("from_move"),
        _entry.c.at.label("from_at"),
        func.coalesce(_entry.c.actor, "").label("from_kind"),
        func.coalesce(_from_authority.short_name, sender.name, "").label("from_actor"),
        func.coalesce(holder.name, "").label("holder"),
        func.coalesce(Remark.text, "").label("why"),
        Draft.person_id.is_not(None).label("drafted"),
    )
    kept = and_(Draft.case_id == _task.c.case_id, Draft.person_id == bindparam("me"), Draft.form == "")
    opened = and_(_entry.c.case_id == _task.c.case_id, _entry.c.seq == _task.c.seq)
    query = select(*_columns(), *columns).select_from(_task).join(_case, _case.c.id == _task.c.case_id)
    query = query.outerjoin(_entry, opened).outerjoin(_from_authority, _from_authority.id == _entry.c.authority_id)
    query = query.outerjoin(Draft, kept)
    query = query.outerjoin(Remark, and_(Remark.case_id == _task.c.case_id, Remark.seq == _task.c.seq))
    query = query.outerjoin(sender, sender.id == _entry.c.person_id).outerjoin(holder, holder.id == _task.c.person_id)
    return _joined(query)


def _cases() -> Select[Any]:
    absent = ("task_id", "due_at", "closed_at", "outcome", "person_id", "claimed_at")
    empty = ("purpose", "from_move", "from_actor", "from_kind", "holder", "why")
    nothing = (*(literal(None).label(name) for name in absent), *(literal("").label(name) for name in empty))
    known = _case.c.opened_at.label("from_at"), literal(False).label("drafted")
    return _joined(select(*_columns(), *nothing, *known).select_from(_case))


_TASKS, _CASES = Query(_tasks().where(among(_task.c.id, "ids"))), Query(_cases().where(among(_case.c.id, "ids")))
SAME = ("case_id", "number", "machine", "state", "step", "turn", "name", "grade", "task_id", "purpose", "from_move",
        "from_actor", "from_kind", "from_at", "due_at", "closed_at", "why")  # fmt: skip


def _work(row: Any, actor: Actor) -> Work:
    claimed = row.claimed_at is not None
    return Work(
        **{name: getattr(row, name) for name in SAME},
        in_force=bool(row.in_force),
        drafted=bool(row.drafted),
        levels=[rung["level"] for rung in row.ladder],
        outcome=row.outcome or "",
        claimed_by=row.holder if claimed else "",
        claimed_by_me=claimed and row.person_id == actor.person_id,
        claimable=row.task_id is not None and row.person_id is None,
    )
