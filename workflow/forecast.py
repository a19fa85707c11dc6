"""预计: when a case ends if everybody uses their whole time, and what happens on which day if nobody acts.

The straight path: what a lapse brings, else the nearest state further down the machine's table, on the case's own
ladder. What depends on others (an objection, material that was asked for) cannot be foretold and ends the forecast.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from workflow.engine import calendars
from workflow.engine.ladder import level_of
from workflow.engine.machine import Compiled, State
from workflow.engine.timers import CHOSEN
from workflow.rules.calendar import Calendar

_ONE_DAY = timedelta(days=1)
ASKED = ("institution", "objector")
"""Who owes a state that is only reached when somebody asks for more."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One state and the last day on which it may end; None where nothing sets one."""

    state: str
    step: str
    ends_on: date | None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """The day on which `move` happens by itself; without one the step, or the follow-up, is overdue."""

    on: date
    move: str = ""
    follow_up: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """`path` begins with the present state; it is empty for a case in force, which only has follow-ups. `goal` is the
    state that the path reaches on `ends_on`. `silence`: what happens if nobody acts."""

    path: list[Ahead]
    goal: str
    ends_on: date | None
    silence: list[Silence]

    @property
    def provisional(self) -> bool:
        return any(one.provisional for one in self.path)


def forecast(
    machine: Compiled,
    levels: Sequence[str],
    full: str,
    timer: Any,
    others: Sequence[Any],
    calendar: Calendar,
    today: date,
) -> Forecast | None:
    """`timer`: the closing timer of the present state, or None; `others`: those of its follow-ups. None for a case that
    has ended, or that is in force and owes nothing."""
    here = machine.state(full)
    owed = [Silence(one.due_on, "", one.purpose, one.provisional) for one in others if one.status != "fired"]
    if here.kind != "active":
        return Forecast([], "", None, owed) if owed else None
    running = timer if timer is not None and timer.kind != "pause" else None
    unsure = running is not None and running.provisional
    path = [Ahead(here.key, here.step, max(running.due_on, today) if running else None, unsure)]
    goal = ""
    for state in straight(machine, levels, full):
        if state.kind != "active":
            goal = state.key
            break
        before = path[-1]
        # The signing steps of a level share its one deadline.
        shared = state.key == before.state
        path.append(replace(before, step=state.step) if shared else _ahead(machine, state, before.ends_on, calendar))
    ends = path[-1].ends_on if goal else None
    return Forecast(path, goal, ends, [*_silence(machine, levels, here, timer, calendar), *owed])


def straight(machine: Compiled, levels: Sequence[str], full: str) -> Iterator[State]:
    """The states that follow when nothing goes wrong."""
    seen = {full}
    while (following := _next(machine, levels, full)) and following not in seen:
        seen.add(following)
        yield machine.state(following)
        full = following


def _next(machine: Compiled, levels: Sequence[str], full: str) -> str:
    here, order = machine.state(full), list(machine.states)
    rows = [row for row in machine.moves if row.source == full and row.to in machine.states and row.to != full]
    fitting = [row for row in rows if not level_of(row.to) or level_of(row.to) in levels]
    if here.on_lapse:
        ways = [row.to for row in fitting if row.name == here.on_lapse]
        return next((to for to in ways if machine.state(to).kind != "final"), next(iter(ways), ""))
    later = [order.index(row.to) for row in fitting if machine.state(row.to).owner not in ASKED]
    return next((order[place] for place in sorted(later) if place > order.index(full)), "")


def _ahead(machine: Compiled, state: State, start: date | None, calendar: Calendar) -> Ahead:
    if start is None or not state.due:
        return Ahead(state.key, state.step, None)
    if state.due == CHOSEN:
        return Ahead(state.key, state.step, start)
    found = calendars.deadline(machine.rules.deadline(state.due), start, calendar)
    return Ahead(state.key, state.step, found.due, found.provisional)


def _silence(
    machine: Compiled, levels: Sequence[str], state: State, timer: Any, calendar: Calendar
) -> Iterator[Silence]:
    """A lapse fires when its last day is over, so what follows counts from the next."""
    if timer is None:
        return
    due, unsure = timer.due_on, timer.provisional
    if timer.kind == "pause":
        yield Silence(due, "resume", provisional=unsure)
        return
    seen: set[str] = set()
    while due and state.kind == "active" and state.full not in seen:
        seen.add(state.full)
        yield Silence(due, state.on_lapse, provisional=unsure)
        following = _next(machine, levels, state.full) if state.on_lapse else ""
        if not following:
            return
        state = machine.state(following)
        ahead = _ahead(machine, state, due + _ONE_DAY, calendar)
        due, unsure = ahead.ends_on, ahead.provisional
