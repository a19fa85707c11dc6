"""办理情况: how much work lies where in a leader's line, how much of it is late, and how it went week by week.

Open work is counted along ix_task_pool alone (authority, role, due_at); what was done is found through the persons of
the line by ix_task_closed_by (person, closed_at), so that years of closed tasks are never read. A week that has ended
changes no more, nor do the days of this week before today: a process counts them once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models import Appointment, Authority, Case, Institution, Office, Task
from workflow.clock import SHANGHAI, legal_day
from workflow.engine.permissions import Actor, sees, subtree
from workflow.engine.refusal import NotFound

WEEKS = 12
LONGEST_LATE = 10
STRETCH = 8 * LONGEST_LATE
"""How many late tasks are looked at together for them: a panel's members are late together in one case."""
_WEEK = timedelta(days=7)
_owner: Any = Task.authority_id
_INSTANT = timedelta.resolution
_SETTLED = timedelta(hours=1)
"""After a stretch's end until what was closed in its last moment is surely committed."""
_Done = dict[int, tuple[int, int]]
_ended: WeakKeyDictionary[Any, dict[tuple[int, date, date], _Done]] = WeakKeyDictionary()
"""By database, whose line, first day and the day after the last: of each authority how much was done, and how much
of that late."""


@dataclass(slots=True)
class Load:
    """One line: an authority alone, or with all below it. `done` and `late` by week, the oldest first."""

    authority_id: int
    name: str
    below: int = 0
    open: int = 0
    overdue: int = 0
    week: int = 0
    oldest: datetime | None = None
    done: list[int] = field(default_factory=lambda: [0] * WEEKS)
    late: list[int] = field(default_factory=lambda: [0] * WEEKS)

    @property
    def later(self) -> int:
        return self.open - self.overdue - self.week

    def add(self, other: "Load") -> None:
        self.open, self.overdue, self.week = (
            self.open + other.open,
            self.overdue + other.overdue,
            self.week + other.week,
        )
        self.oldest = min(filter(None, (self.oldest, other.oldest)), default=None)
        self.done = [one + two for one, two in zip(self.done, other.done, strict=True)]
        self.late = [one + two for one, two in zip(self.late, other.late, strict=True)]


@dataclass(frozen=True, slots=True)
class Late:
    number: str
    name: str
    machine: str
    state: str
    step: str
    purpose: str
    authority: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Workload:
    """`lines` are the authority itself and each that reports to it with all below; `whole` is their sum."""

    authority: Authority
    above_id: int | None
    lines: list[Load]
    whole: Load
    weeks: list[date]
    late: list[Late]


def workload(session: Session, actor: Actor, authority_id: int, at: datetime) -> Workload:
    """Of the actor's authority or one below it; any other is not found."""
    line = list(session.scalars(select(Authority).where(Authority.id.in_(subtree(actor.authority_id)))))
    top = next((one for one in line if one.id == authority_id), None)
    if top is None:
        raise NotFound
    today = legal_day(at)
    weeks = _weeks(today)
    loads = {one.id: Load(one.id, one.short_name) for one in line}
    below = _all_below(top, line)
    _count_open(session, {id: loads[id] for id in below}, at, _start(weeks[-1] + _WEEK))
    for place, monday in enumerate(weeks):
        for first, end in _stretches(monday, today):
            for id, (done, late) in _done_in(session, actor.authority_id or 0, loads, first, end, at).items():
                loads[id].done[place] += done
                loads[id].late[place] += late
    whole = Load(top.id, top.short_name)
    lines = [loads[top.id], *(_sum(one, line, loads) for one in line if one.reports_to_id == top.id)]
    for one in lines:
        whole.add(one)
    above = top.reports_to_id if any(one.id == top.reports_to_id for one in line) else None
    late = _late(session, actor, below, whole.overdue, at)
    return Workload(top, above, lines, whole, weeks, late)


def _weeks(today: date) -> list[date]:
    """The Mondays of this week and those before it."""
    monday = today - timedelta(days=today.weekday())
    return [monday - _WEEK * back for back in reversed(range(WEEKS))]


def _stretches(monday: date, today: date) -> list[tuple[date, date]]:
    """A week as stretches of days, each with the day after it: what lies before today in one, the rest in another."""
    days = sorted({monday, min(max(monday, today), monday + _WEEK), monday + _WEEK})
    return list(pairwise(days))


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _all_below(top: Authority, line: Sequence[Authority]) -> list[int]:
    children = (id for one in line if one.reports_to_id == top.id for id in _all_below(one, line))
    return [top.id, *children]


def _sum(top: Authority, line: Sequence[Authority], loads: dict[int, Load]) -> Load:
    ids = _all_below(top, line)
    whole = Load(top.id, top.short_name, below=len(ids) - 1)
    for id in ids:
        whole.add(loads[id])
    return whole


def _count_open(session: Session, loads: dict[int, Load], at: datetime, week_ends: datetime) -> None:
    late, soon = Task.due_at <= at, (Task.due_at > at) & (Task.due_at <= week_ends)
    figures = (func.count(), func.count().filter(late), func.count().filter(soon), func.min(Task.due_at))
    query = select(_owner, *figures).where(Task.closed_at.is_(None), Task.authority_id.in_(loads))
    for id, *figures, first in session.execute(query.group_by(_owner)):
        one = loads[id]
        one.open, one.overdue, one.week = figures
        one.oldest = first if one.overdue else None


def _done_in(session: Session, line: int, loads: Iterable[int], first: date, end: date, at: datetime) -> _Done:
    """By authority of a line (named by its top), what was closed from the first day until `end`, not counted."""
    known, ends = _ended.setdefault(session.get_bind().engine, {}), _start(end)
    if (line, first, end) in known:
        return known[line, first, end]
    staff = select(Appointment.person_id).join(Office, Office.id == Appointment.office_id)
    query = select(_owner, func.count(), func.count().filter(Task.closed_at >= Task.due_at)).where(
        Task.closed_by_id.in_(staff.where(Office.authority_id.in_(loads))),
        Task.closed_at.between(_start(first), ends - _INSTANT),
        Task.authority_id.in_(loads),
    )
    counted = {id: (done, late) for id, done, late in session.execute(query.group_by(_owner))}
    if at >= ends + _SETTLED:
        known[line, first, end] = counted
    return counted


def _late(session: Session, actor: Actor, authorities: Iterable[int], overdue: int, at: datetime) -> list[Late]:
    """What has been late the longest, of the cases that the actor may open; a case once, however many of its people are
    late. Looked for among the oldest tasks first, since nearly all cases of a line may be opened by its leader."""
    here = (Task.closed_at.is_(None), Task.authority_id.in_(list(authorities)), Task.due_at <= at)
    oldest = select(Task.id).where(*here).order_by(Task.due_at, Task.id).limit(STRETCH)
    found: dict[str, Late] = {}
    for start in range(0, overdue, STRETCH):
        for row in session.execute(_shown(oldest.offset(start), actor)):
            found.setdefault(row.number, Late(*row))
        if len(found) >= LONGEST_LATE:
            break
    return list(found.values())[:LONGEST_LATE]


def _shown(tasks: Select[Any], actor: Actor) -> Select[*tuple[Any, ...]]:
    late = aliased(Task)
    columns: tuple[Any, ...] = (Case.number, func.coalesce(Institution.name, ""), Case.machine, Case.state, Case.step)
    query = select(*columns, late.purpose, Authority.short_name, late.due_at).select_from(late)
    query = query.join(Case, Case.id == late.case_id).join(Authority, Authority.id == late.authority_id)
    query = query.outerjoin(Institution, Institution.id == Case.institution_id)
    return query.where(late.id.in_(tasks), sees(actor)).order_by(late.due_at, late.id)
