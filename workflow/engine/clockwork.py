"""Stop the clock: pause, resume, extend, undo. The days left are kept exactly; every turn has its reason and limit.

A timer's rule is always the rule as it runs now: after a pause it counts the days that were left from the day of
resumption, after an extension it counts that many more. What it was before stays in the cancelled rows.

Only a step's clock is stopped and lengthened; a follow-up's (`clock`) is recomputed with the calendar (decision 0055).
"""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from workflow.clock import legal_day
from workflow.engine import calendars, timers
from workflow.engine.plan import STEP, Effects, TimerPlan
from workflow.rules import deadline
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import Deadline, DeadlineRule, Rule, compute, working_days_between

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

TURNS = ("extended", "paused")
"""What a timer's rule says beyond the deadline rule: units added, working days stood still so far."""


def rule_of(kept: dict[str, Any]) -> Rule:
    return deadline.rule_of({name: value for name, value in kept.items() if name not in TURNS})


# --- guards


def must_recuse(facts: "Facts") -> str | None:
    """Who may not decide may not gain or lose time for those who do."""
    return facts.barred.get(facts.actor.person_id or 0)


def no_clock(facts: "Facts") -> str | None:
    return None if facts.clock(_named(facts)) else "no_deadline"


def not_pausable(facts: "Facts") -> str | None:
    clock = facts.rules.clock
    if facts.timer is None or facts.timer.rule_key not in clock.pausable:
        return "not_pausable"
    if facts.timer.due_on < facts.today:
        return "already_overdue"
    return "pause_used_up" if facts.timer.rule.get("paused", 0) >= clock.longest_pause else None


def not_paused(facts: "Facts") -> str | None:
    return None if facts.case["paused_at"] else "not_paused"


def not_extendable(facts: "Facts") -> str | None:
    limits, timer = facts.rules.clock, facts.timer
    if timer is None or timer.rule_key not in limits.extendable:
        return "not_extendable"
    asked = facts.form["count"] or 1
    return "extension_too_long" if timer.rule.get("extended", 0) + asked > limits.longest_extension else None


def no_extension(facts: "Facts") -> str | None:
    timer = facts.timer
    if timer is None or not timer.rule.get("extended"):
        return "no_extension"
    kept = _lengthened(timer, -timer.rule["extended"])
    before = found_by(kept, timer.started_on, calendars.current(facts.session))
    return "undo_too_late" if before.instant <= facts.at else None


# --- effects


def paused(facts: "Facts") -> Effects:
    """The days left after today stand still; at the latest after the policy's limit the clock runs again by itself."""
    end = stop(facts)
    return Effects(timers=[end], paused=True, note={"left": end.rule["count"], "until": end.due_on.isoformat()})


def stop(facts: "Facts") -> TimerPlan:
    """The pause, up to the day on which the clock runs again by itself."""
    timer = _running(facts, STEP)
    calendar = calendars.current(facts.session)
    limit = facts.rules.clock.longest_pause - timer.rule.get("paused", 0)
    rule = DeadlineRule(limit, "working", "next", "none", "24:00", facts.rules.clock.clause, local=True)
    latest = calendars.deadline(rule, facts.today, calendar)
    left = _days(facts.today, timer.due_on, timer.rule["unit"], calendar)
    kept = {**timer.rule, "count": left}
    return TimerPlan("pause", "resume", timer.rule_key, kept, facts.today, latest.due, latest.instant, latest.instant,
                     latest.provisional, latest.calendar_version)  # fmt: skip


def resumed(facts: "Facts") -> Effects:
    waiting = facts.pause
    if waiting is None:
        raise RuntimeError("a resumption without a pause")
    calendar = calendars.current(facts.session)
    stood = working_days_between(waiting.started_on, facts.today, calendar, provisional=True)
    kept = {**waiting.rule, "start_day": "next", "paused": waiting.rule.get("paused", 0) + stood}
    plans = _armed(facts, kept, facts.today, waiting.rule_key, STEP)
    return Effects(timers=plans, paused=False, note={"stood_still": stood, "due": plans[0].due_on.isoformat()})


def extended(facts: "Facts") -> Effects:
    return _set(facts, STEP, _lengthened(_running(facts, STEP), facts.form["count"]))


def extension_undone(facts: "Facts") -> Effects:
    timer = _running(facts, STEP)
    return _set(facts, STEP, _lengthened(timer, -timer.rule["extended"]))


def recomputed(facts: "Facts") -> Effects:
    """The same rule on today's calendar. Both dates stay on record, and the notices that came between."""
    clock = _named(facts)
    timer = _running(facts, clock)
    effects = _set(facts, clock, timer.rule)
    last = max(timer.due_on, date.fromisoformat(effects.note["to"]))
    why = calendars.notices_since(facts.session, timer.armed_at, timer.started_on, last)
    return replace(effects, note=effects.note | {"documents": why})


# --- what a turn would bring, before it is made


def extensions(facts: "Facts") -> list[Deadline]:
    """Every end that an extension may still set: the first adds one, the last is the longest."""
    timer, calendar = _running(facts, STEP), calendars.current(facts.session)
    left = facts.rules.clock.longest_extension - timer.rule.get("extended", 0)
    return [found_by(_lengthened(timer, more), timer.started_on, calendar) for more in range(1, left + 1)]


def resumed_by_itself(facts: "Facts", pause: TimerPlan) -> Deadline:
    """The end of a step whose pause nobody ends before its limit."""
    kept = {**pause.rule, "start_day": "next"}
    return found_by(kept, legal_day(pause.fire_at), calendars.current(facts.session))


def _named(facts: "Facts") -> str:
    """The clock that the system recomputes."""
    return facts.form.get("clock", STEP)


def _running(facts: "Facts", clock: str) -> Any:
    if (timer := facts.clock(clock)) is None:
        raise RuntimeError("no deadline to turn")
    return timer


def _lengthened(timer: Any, more: int) -> dict[str, Any]:
    kept = timer.rule
    return {**kept, "count": kept["count"] + more, "extended": kept.get("extended", 0) + more}


def _set(facts: "Facts", clock: str, kept: dict[str, Any]) -> Effects:
    timer = _running(facts, clock)
    plans = _armed(facts, kept, timer.started_on, timer.rule_key, clock)
    note = {"from": timer.due_on.isoformat(), "to": plans[0].due_on.isoformat()}
    return Effects(timers=plans, clock=clock, note=note if clock == STEP else note | {"clock": clock})


def _armed(facts: "Facts", kept: dict[str, Any], start: date, rule_key: str, clock: str) -> list[TimerPlan]:
    """The closing timer and reminders of a clock under a rule as it runs now."""
    calendar = calendars.current(facts.session)
    own = timers.clock_of(facts.machine.state(facts.full_state))
    of = own if clock == STEP else timers.Clock(rule_key, purpose=clock)
    plans = timers.of(facts, of, found_by(kept, start, calendar), calendar)
    for plan in plans:
        plan.rule, plan.rule_key = kept, rule_key
    return plans


def found_by(kept: dict[str, Any], start: date, calendar: Calendar) -> Deadline:
    """The deadline under a rule as it runs now."""
    if kept.get("count") != 0:
        return calendars.deadline(rule_of(kept), start, calendar)
    # Paused on the last day: what is left is the rest of the day of resumption.
    rest = DeadlineRule(1, "calendar", "counted", "none", kept["closes"], kept["clause"], kept["local"])
    return compute(rest, start, calendar)


def _days(today: date, due: date, unit: str, calendar: Calendar) -> int:
    if unit == "working":
        return working_days_between(today, due, calendar, provisional=True)
    return (due - today).days
