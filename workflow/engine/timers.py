"""Deadlines of a step: which timers its arrival arms. The rows are the truth; the scheduler only ticks."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from workflow.clock import SHANGHAI, legal_day
from workflow.engine import calendars
from workflow.engine.plan import STEP, Effects, TaskPlan, TimerPlan
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import Deadline, kept_of
from workflow.rules.office import next_working_day

if TYPE_CHECKING:
    from workflow.engine.facts import Facts
    from workflow.engine.machine import State

GRACE = timedelta(minutes=5)
"""Closing moves run this long after the legal instant, so that what was received in time is in before them."""


CHOSEN = "chosen"
"""The `due` of a state that ends at an instant a person chose, not after a legal period."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Whose deadline it is: its key in the policy, the move its lapse makes, whether anybody is reminded of it."""

    due: str
    on_lapse: str = ""
    reminds: bool = True
    purpose: str = STEP


def clock_of(state: "State") -> Clock:
    return Clock(state.due, state.on_lapse, reminds=state.kind != "standing" and not state.waits)


def on_arrival(facts: "Facts", state: "State", effects: Effects) -> list[TimerPlan]:
    """The closing (or overdue) timer of a state and the reminders before it."""
    if state.due == CHOSEN:
        # A preview has no effects yet, so the instant is not chosen either.
        return [_chosen(state, effects.due_at)] if effects.due_at else []
    if not state.due:
        return []
    calendar = calendars.current(facts.session)
    rule = facts.rules.deadline(state.due)
    found = calendars.deadline(rule, effects.due_from or facts.today, calendar)
    planned = effects.due_at or found.instant
    if effects.due_at:
        found = replace(found, due=legal_day(planned - timedelta(microseconds=1)))
    return of(facts, clock_of(state), replace(found, instant=planned), calendar)


def of_task(facts: "Facts", task: TaskPlan) -> list[TimerPlan]:
    """The clock of a follow-up: it runs from today, whatever the step's does, and ends with its task."""
    calendar = calendars.current(facts.session)
    found = calendars.deadline(facts.rules.deadline(task.due), facts.today, calendar)
    return of(facts, Clock(task.due, purpose=task.purpose), found, calendar)


def of(facts: "Facts", clock: Clock, found: Deadline, calendar: Calendar) -> list[TimerPlan]:
    """The timers of a deadline: its lapse (or that it is overdue), and the reminders to whoever owes the work."""
    closing = _timer(clock, found, found.instant, "lapse" if clock.on_lapse else "overdue", found.instant + GRACE)
    if not clock.reminds:
        return [closing]
    return [closing, *_reminders(facts, clock, found, calendar), *_escalation(facts, closing, clock, found, calendar)]


def _reminders(facts: "Facts", clock: Clock, found: Deadline, calendar: Calendar) -> list[TimerPlan]:
    policy = facts.rules.reminders
    days = [_working_days_before(found.due, count, calendar) for count in policy.before]
    if policy.at_due:
        days.append(found.due)
    hour = time.fromisoformat(policy.office_hour)
    instants = sorted({datetime.combine(day, hour, SHANGHAI) for day in days})
    return [_timer(clock, found, at, "remind", at) for at in instants if at > facts.at]


def _escalation(
    facts: "Facts", closing: TimerPlan, clock: Clock, found: Deadline, calendar: Calendar
) -> list[TimerPlan]:
    """An overdue step becomes, some working days later, the matter of the authority above."""
    if closing.kind != "overdue":
        return []
    policy, day = facts.rules.reminders, found.due
    for _ in range(policy.escalate_after):
        day = next_working_day(day, calendar)
    at = datetime.combine(day, time.fromisoformat(policy.office_hour), SHANGHAI)
    return [_timer(clock, found, at, "escalate", at)]


def _working_days_before(due: date, count: int, calendar: Calendar) -> date:
    day = due
    while count:
        day -= timedelta(days=1)
        count -= calendar.day(day, provisional=True).working
    return day


def _chosen(state: "State", at: datetime) -> TimerPlan:
    day = legal_day(at)
    return TimerPlan("lapse", state.on_lapse, CHOSEN, {}, day, day, at, at, False, "")


def _timer(clock: Clock, found: Deadline, planned: datetime, kind: str, fire_at: datetime) -> TimerPlan:
    return TimerPlan(
        kind=kind,
        move=clock.on_lapse if kind == "lapse" else "",
        rule_key=clock.due,
        rule=kept_of(found.rule),
        started_on=found.start,
        due_on=found.due,
        planned_at=planned,
        fire_at=fire_at,
        provisional=found.provisional,
        calendar_version=found.calendar_version,
        purpose=clock.purpose,
    )
