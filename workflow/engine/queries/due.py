"""剩余时间: how a case's running deadline stands today, and its proof day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, exists, select, type_coerce
from sqlalchemy.orm import Session

from models import Case, Task, Timer
from models.base import RepeatedJson
from models.core import either, table_of, word
from models.ids import among
from models.prepared import Query
from workflow.clock import SHANGHAI, legal_day
from workflow.engine.clockwork import found_by
from workflow.engine.plan import STEP
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import CountedDay, Rule, remaining, rests_on_guess

SOON = 2
"""Working days left from which a deadline looks near (look.md §4): display only, no legal effect."""
_ONE_DAY = timedelta(days=1)
Standing = Literal["ok", "due", "over", "held", "maybe", "done"]


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """`figure` whole days left (0 on the last), `past` those gone of `total`, `late` those since; in `unit`."""

    figure: int
    unit: Literal["working", "calendar"]
    state: Standing
    due_on: date | None = None
    closes: str = ""
    past: int = 0
    total: int = 0
    late: int = 0


HELD = DaysLeft(0, "working", "held")


def days_left(timer: Any, calendar: Calendar, at: datetime) -> DaysLeft:
    """`timer` is a row of the closing timer: its rule, its start and its legal instant."""
    if timer.kind == "pause":
        return HELD
    today, due = legal_day(at), timer.due_on
    closes = _hour(timer.planned_at)
    rule = timer.rule
    unit: Literal["working", "calendar"] = "working" if rule.get("unit", "working") == "working" else "calendar"
    left = remaining(due, today, calendar, True) if unit == "working" else (due - today).days
    total = rule.get("count", 0) if unit == "working" else 0
    if at >= timer.planned_at:
        late = max(-left, 1)
        return DaysLeft(late, unit, "over", due, closes, total, total, late)
    if timer.provisional:
        return DaysLeft(left, unit, "maybe", due, closes)
    state: Standing = "due" if left <= SOON else "ok"
    return DaysLeft(max(left, 0), unit, state, due, closes, max(total - left, 0), max(total, left) if total else 0)


def left_until(end: datetime, rule: Rule, calendar: Calendar, at: datetime) -> DaysLeft:
    """The same for a right with an end of its own: working days, without the days of its rule."""
    on = legal_day(end - end.resolution)
    left = remaining(on, legal_day(at), calendar, True)
    if at >= end:
        return DaysLeft(max(-left, 1), "working", "over", on, _hour(end), late=max(-left, 1))
    if rests_on_guess(rule, on, calendar):
        return DaysLeft(left, "working", "maybe", on, _hour(end))
    return DaysLeft(max(left, 0), "working", "due" if left <= SOON else "ok", on, _hour(end))


def _hour(instant: datetime) -> str:
    local = instant.astimezone(SHANGHAI)
    return "24:00" if local.hour == local.minute == 0 else local.strftime("%H:%M")


def running(session: Session, case_ids: Iterable[int]) -> dict[int, Any]:
    """The closing timer of each case's present state: armed, or already reported overdue; or the end of its pause."""
    return {case_id: row for (case_id, purpose), row in clocks(session, case_ids).items() if purpose == STEP}


def clocks(session: Session, case_ids: Iterable[int]) -> dict[tuple[int, str], Any]:
    """The same for every clock that runs in the cases: the step's, and each open follow-up's."""
    return {(row.case_id, row.purpose): row for row in _CLOCKS.all(session, {"ids": list(case_ids)})}


def faces(session: Session, case_ids: Iterable[int]) -> dict[tuple[int, str], Any]:
    """Of the same clocks only what `days_left` reads."""
    return {(row.case_id, row.purpose): row for row in _FACES.all(session, {"ids": list(case_ids)})}


def _running(*names: str) -> Select[*tuple[Any, ...]]:
    """All columns, or those named."""
    table, case, task = table_of(Timer), table_of(Case), table_of(Task)
    here = (case.c.state == table.c.state, case.c.turn == table.c.turn, case.c.closed_at.is_(None))
    owed = exists().where(task.c.case_id == case.c.id, task.c.purpose == table.c.purpose, task.c.closed_at.is_(None))
    reported = (table.c.status == word("fired")) & (table.c.kind == word("overdue"))
    return (
        select(*(table.c[name] for name in names or table.c.keys()))
        .join(case, case.c.id == table.c.case_id)
        .where(
            among(table.c.case_id, "ids"),
            among(case.c.id, "ids"),
            either(table.c.kind, "lapse", "overdue", "pause"),
            either(table.c.status, "armed", "parked") | reported,
            (table.c.purpose == word(STEP)) | owed,
            *here,
        )
        .order_by(table.c.id)
    )


_CLOCKS = Query(_running())
_FACES = Query(
    _running("case_id", "purpose", "kind", "due_on", "planned_at", "provisional").add_columns(
        type_coerce(table_of(Timer).c.rule, RepeatedJson).label("rule")
    )
)


def proof(timer: Any, calendar: Calendar) -> list[CountedDay]:
    """The days from the start to the last one. Where a person put the end later, the days go on to it."""
    if not timer.rule or timer.kind == "pause":
        return []
    days = list(found_by(timer.rule, timer.started_on, calendar).days)
    if timer.rule.get("unit") == "working":
        while days[-1].date < timer.due_on:
            day = calendar.day(days[-1].date + _ONE_DAY, provisional=True)
            number = days[-1].number + day.working
            days.append(CountedDay(day.date, day.working, number, day.why, day.name, day.provisional))
    return [day for day in days if day.date <= timer.due_on]
